"""What billing answers about tax rules, customers and their accounts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.results import Result, money_view, percent
from multiproduct.application.money import CurrencyCode, MoneyView
from multiproduct.domain.billing import Customer, Movement, TaxRule
from multiproduct.domain.shared import Currency


class TaxRuleView(Result):
    """A tax rule; `rate` is in percent."""

    id: UUID
    country: str
    region: str
    tax_class: str
    name: str
    rate: str
    is_inclusive: bool
    valid_from: datetime
    valid_until: datetime | None

    @classmethod
    def of(cls, rule: TaxRule) -> "TaxRuleView":
        """The rule as it is told."""
        return cls(
            id=rule.id,
            country=rule.country,
            region=rule.region,
            tax_class=rule.tax_class,
            name=rule.name,
            rate=percent(rule.rate_ppm),
            is_inclusive=rule.is_inclusive,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )


class TaxRuleList(Result):
    """Every tax rule."""

    items: list[TaxRuleView]


class BillingCustomerView(Result):
    """What stands on somebody's invoices, beyond what the profile has."""

    name: str
    address: tuple[str, ...]
    country: str | None
    region: str
    tax_id: str | None
    email: str | None

    @classmethod
    def of(cls, customer: Customer) -> "BillingCustomerView":
        """As it is told."""
        return cls(
            name=customer.name,
            address=customer.address,
            country=customer.country or None,
            region=customer.region,
            tax_id=customer.tax_id,
            email=customer.email,
        )


class AccountMovementView(Result):
    """One entry; `amount` is positive where more was owed after it."""

    at: datetime
    kind: str
    reference: str
    document_id: UUID
    amount: MoneyView
    balance: MoneyView


class AccountStatementView(Result):
    """What was owed before, what changed it, and what is owed after. Less than nothing is money that the
    customer has with us."""

    customer_id: UUID
    currency: CurrencyCode
    since: datetime
    until: datetime
    opening_balance: MoneyView
    entries: list[AccountMovementView]
    closing_balance: MoneyView

    @classmethod
    def of(
        cls,
        customer_id: UUID,
        currency: Currency,
        *,
        span: tuple[datetime, datetime],
        opening: int,
        movements: Sequence[Movement],
    ) -> "AccountStatementView":
        """The statement of these movements."""
        entries, balance = [], opening
        for movement in movements:
            balance += movement.minor
            entries.append(
                AccountMovementView(
                    at=movement.at,
                    kind=movement.kind.value,
                    reference=movement.reference,
                    document_id=movement.document_id,
                    amount=money_view(movement.minor, currency),
                    balance=money_view(balance, currency),
                )
            )
        return cls(
            customer_id=customer_id,
            currency=currency.code,
            since=span[0],
            until=span[1],
            opening_balance=money_view(opening, currency),
            entries=entries,
            closing_balance=money_view(balance, currency),
        )
