"""Tax rules: which tax, at which rate, a product of a class has in a country at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.billing.events import TaxRuleChanged
from multiproduct.domain.billing.lines import NO_TAX, STANDARD_TAX_CLASS, AppliedTax
from multiproduct.domain.identity.countries import COUNTRIES
from multiproduct.domain.shared import Aggregate, FieldProblem, InvalidInput

PPM = 1_000_000
"""Rates are whole millionths: 8.875 % is 88750."""
MAX_RATE_PPM = PPM

# Article 4 of Directive 2006/112/EC as of 2026: the 27 member states. Greece's tax ids begin with EL.
EU_COUNTRIES = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)


@dataclass(slots=True, kw_only=True)
class TaxRule(Aggregate):
    """`region` is empty for the whole country. Good from `valid_from` until just before `valid_until`.

    `is_inclusive`: prices have the tax in them already; else it is added.
    """

    id: UUID
    country: str
    region: str = ""
    tax_class: str = STANDARD_TAX_CLASS
    name: str
    rate_ppm: int
    is_inclusive: bool = False
    valid_from: datetime
    valid_until: datetime | None = None
    created_at: datetime

    @classmethod
    def create(
        cls,
        *,
        id: UUID,
        country: str,
        name: str,
        rate_ppm: int,
        valid_from: datetime,
        now: datetime,
        region: str = "",
        tax_class: str = STANDARD_TAX_CLASS,
        is_inclusive: bool = False,
        valid_until: datetime | None = None,
    ) -> "TaxRule":
        """A new rule. Raises InvalidInput."""
        if country not in COUNTRIES:
            raise InvalidInput(FieldProblem("country", "invalid_country"))
        if not 0 <= rate_ppm <= MAX_RATE_PPM:
            raise InvalidInput(
                FieldProblem("rate", "out_of_range", (("min", 0), ("max", MAX_RATE_PPM // 10_000)))
            )
        if valid_until is not None and valid_until <= valid_from:
            raise _not_after(valid_from)
        rule = cls(
            id=id,
            country=country,
            region=region,
            tax_class=tax_class,
            name=name,
            rate_ppm=rate_ppm,
            is_inclusive=is_inclusive,
            valid_from=valid_from,
            valid_until=valid_until,
            created_at=now,
        )
        rule._tell(now)
        return rule

    def end(self, *, at: datetime, now: datetime) -> None:
        """Makes it good no longer than until `at`. What was invoiced keeps its tax. Raises InvalidInput."""
        if at < self.valid_from:
            raise _not_after(self.valid_from)
        self.valid_until = at
        self._tell(now)

    def holds(self, *, at: datetime) -> bool:
        """Whether it is good at that moment."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def applied(self) -> AppliedTax:
        """What it makes of a line."""
        return AppliedTax(
            name=self.name,
            rate_ppm=self.rate_ppm,
            country=self.country,
            is_inclusive=self.is_inclusive,
        )

    def _tell(self, now: datetime) -> None:
        self._record(
            TaxRuleChanged(
                occurred_at=now,
                tax_rule_id=self.id,
                country=self.country,
                rate_ppm=self.rate_ppm,
                valid_until=self.valid_until,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSituation:
    """What the tax of an invoice depends on besides the products. Without a customer's country it is the
    seller's. `has_valid_tax_id`: the customer is a business whose tax id was validated."""

    seller_country: str
    customer_country: str
    customer_region: str = ""
    has_valid_tax_id: bool = False

    @property
    def country(self) -> str:
        """Whose rules hold."""
        return self.customer_country or self.seller_country

    @property
    def is_reverse_charge(self) -> bool:
        """A business in another country of the EU owes the tax itself (article 196 of Directive
        2006/112/EC)."""
        return (
            self.has_valid_tax_id
            and self.country != self.seller_country
            and self.country in EU_COUNTRIES
            and self.seller_country in EU_COUNTRIES
        )


def tax_on(tax_class: str, rules: Iterable[TaxRule], situation: TaxSituation, *, at: datetime) -> AppliedTax:
    """The tax of a product of that class: the rule of the customer's region before that of the country, that
    of the class before the standard one, the latest before an earlier one. None means no tax. Under reverse
    charge the rate is 0, and where the prices have the tax in them the customer still pays what is asked."""
    if situation.is_reverse_charge:
        return AppliedTax(name="", country=situation.country, is_reverse_charge=True)
    fitting = [
        rule
        for rule in rules
        if rule.holds(at=at)
        and rule.country == situation.country
        and rule.region in {"", situation.customer_region}
        and rule.tax_class in {tax_class, STANDARD_TAX_CLASS}
    ]
    best = max(
        fitting,
        key=lambda rule: (rule.tax_class == tax_class, rule.region != "", rule.valid_from, rule.id),
        default=None,
    )
    return NO_TAX if best is None else best.applied()


def _not_after(beginning: datetime) -> InvalidInput:
    return InvalidInput(FieldProblem("valid_until", "out_of_range", (("after", beginning.isoformat()),)))
