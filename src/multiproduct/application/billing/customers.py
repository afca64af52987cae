"""What stands on invoices about a customer: what they asked for, else what their profile has."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.billing.ports import BillingUnit
from multiproduct.domain.billing import Customer, Party, UnknownCustomer
from multiproduct.domain.identity import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """Who a customer is on a document, their language, and how many days they have to pay, where something
    else than usual was agreed."""

    party: Party
    locale: str
    term_days: int | None


class Customers:
    """Steps: they take the caller's unit, and never commit."""

    async def invoiced(self, unit: BillingUnit, customer_id: UUID) -> Invoiced:
        """What an invoice issued now has of them. Raises UnknownCustomer."""
        user = await unit.users.find(customer_id)
        if user is None:
            raise UnknownCustomer
        kept = await unit.billing_customers.find(customer_id)
        return Invoiced(
            party=_merged(kept, user), locale=user.locale, term_days=kept.term_days if kept else None
        )


def _merged(kept: Customer | None, user: User) -> Party:
    profile = _of_profile(user)
    if kept is None:
        return profile
    asked = kept.party()
    return Party(
        name=asked.name or profile.name,
        address=asked.address or profile.address,
        country=asked.country or profile.country,
        region=asked.region if asked.country else profile.region,
        tax_id=asked.tax_id,
        email=asked.email or profile.email,
    )


def _of_profile(user: User) -> Party:
    address = user.address
    lines = (
        ()
        if address is None
        else (address.line1, address.line2, f"{address.postal_code} {address.city}", address.region)
    )
    return Party(
        name=f"{user.first_name} {user.last_name}".strip() or user.username.display,
        address=tuple(line.strip() for line in lines if line.strip()),
        country="" if address is None else address.country,
        region="" if address is None else address.region,
        email=user.email.display if user.email else None,
    )
