"""A customer as invoices name them, and the seller: who, where, and by which tax id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.billing.events import CustomerChanged
from multiproduct.domain.billing.tax_ids import tax_id
from multiproduct.domain.identity.countries import COUNTRIES
from multiproduct.domain.shared import Aggregate, FieldProblem, InvalidInput

MAX_TERM_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What stands on a document about somebody: as it was when the document was issued, for good."""

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    tax_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who sells. `key` stands in the series of its numbers."""

    key: str = "house"
    party: Party


@dataclass(slots=True, kw_only=True)
class Customer(Aggregate):
    """What a person wants on invoices. Who never said anything is invoiced by what the profile has.

    `tax_id` makes a business of them, and is well-formed for `country`. `term_days`: how long they have to
    pay an invoice; None is the seller's usual term.
    """

    id: UUID
    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    tax_id: str | None = None
    email: str | None = None
    term_days: int | None = None
    updated_at: datetime

    def change(
        self,
        *,
        name: str,
        address: tuple[str, ...],
        country: str,
        region: str,
        tax_id_text: str | None,
        email: str | None,
        now: datetime,
    ) -> None:
        """Sets all of it. Raises InvalidInput for a country that is none, and for a tax id that cannot be one
        of the country."""
        if country and country not in COUNTRIES:
            raise InvalidInput(FieldProblem("country", "invalid_country"))
        if tax_id_text and not country:
            raise InvalidInput(FieldProblem("country", "required"))
        wanted = {
            "name": name,
            "address": address,
            "country": country,
            "region": region,
            "tax_id": tax_id(country, tax_id_text).text if tax_id_text else None,
            "email": email,
        }
        changed = tuple(field for field, value in wanted.items() if value != getattr(self, field))
        if not changed:
            return
        for field in changed:
            setattr(self, field, wanted[field])
        self.updated_at = now
        self._record(CustomerChanged(occurred_at=now, customer_id=self.id, fields=changed))

    def allow_term(self, days: int | None, *, now: datetime) -> None:
        """Sets how long they have to pay. Raises InvalidInput."""
        if days is not None and not 0 <= days <= MAX_TERM_DAYS:
            raise InvalidInput(
                FieldProblem("term_days", "out_of_range", (("min", 0), ("max", MAX_TERM_DAYS)))
            )
        if days != self.term_days:
            self.term_days, self.updated_at = days, now
            self._record(CustomerChanged(occurred_at=now, customer_id=self.id, fields=("term_days",)))

    def party(self) -> Party:
        """What stands on a document issued now."""
        return Party(
            name=self.name,
            address=self.address,
            country=self.country,
            region=self.region,
            tax_id=self.tax_id,
            email=self.email,
        )
