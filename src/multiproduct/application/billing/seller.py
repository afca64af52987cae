"""How the installation sells: who it is, how it numbers, taxes and rounds, and by which terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from multiproduct.application.billing.new_documents import HOUSE
from multiproduct.domain.billing import NumberFormat, Party, PaymentTerms, Seller, TaxRounding
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.shared.errors import FieldProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingPolicy:
    """`sellers` by key; the house's own is always there."""

    sellers: Mapping[str, Seller] = field(
        default_factory=lambda: {HOUSE: Seller(key=HOUSE, party=Party())}, hash=False
    )
    number_format: NumberFormat = field(default_factory=NumberFormat)
    rounding: TaxRounding = TaxRounding.PER_LINE
    terms: PaymentTerms = field(default_factory=PaymentTerms)
    colour: str = "#1f4e79"
    instructions: str | None = None

    def seller(self, key: str) -> Seller:
        """Raises InvalidInput for one that there is not."""
        found = self.sellers.get(key)
        if found is None:
            raise InvalidInput(FieldProblem("seller", "not_allowed"))
        return found
