"""What is sold, on invoices, in the customer's language: as people translated the names of the catalog. What
only a machine translated stays as it was written, as an invoice stands for good."""

from collections.abc import Callable, Sequence

from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.ports.translator import Translator
from multiproduct.domain.billing import NewLine, Sold
from multiproduct.domain.billing.lines import MAX_DESCRIPTION
from multiproduct.domain.translation import place_fingerprint

_PRODUCT, _PLAN = "catalog.product.name", "catalog.plan.name"


class LineNaming:
    """Steps that read. `language` is the one in which the names of the catalog are written."""

    def __init__(self, *, language: str, translator: Translator) -> None:
        self._language = language
        self._translator = translator

    async def in_language(
        self, unit: BillingUnit, lines: Sequence[NewLine], locale: str
    ) -> Callable[[NewLine], str]:
        """How the lines are called in a language: one question for all of them, and none where it is the
        catalog's own."""
        sold = {line.sold for line in lines if line.sold is not None}
        if not sold or locale == self._language:
            return lambda line: line.description
        found = await unit.human_translations.at(
            {each for one in sold for each in (self._of_product(one, locale), self._of_plan(one, locale))}
        )
        texts = {each.place.fingerprint: each.text for each in found}

        def called(line: NewLine) -> str:
            if line.sold is None:
                return line.description
            product = texts.get(self._of_product(line.sold, locale), line.sold.product)
            plan = texts.get(self._of_plan(line.sold, locale), line.sold.plan)
            return str(Sold(product, plan))

        return called

    async def details(
        self, unit: BillingUnit, lines: Sequence[NewLine], locale: str
    ) -> Callable[[NewLine], str]:
        """What stands below the lines' names: that a line is the difference of a change, and the coupons that
        took something off."""
        ids = dict.fromkeys(each for line in lines for each in line.coupons)
        found = [coupon for each in ids if (coupon := await unit.coupons.find(each)) is not None]
        codes = {coupon.id: coupon.code for coupon in found}

        def told(line: NewLine) -> str:
            parts = [line.detail] if line.detail else []
            if line.prorated_for is not None:
                quantity = {"quantity": line.prorated_for}
                parts.append(self._translator.text("print.prorated", locale=locale, params=quantity))
            named = sorted(codes[each] for each in line.coupons if each in codes)
            if named:
                listed = {"codes": ", ".join(named)}
                parts.append(self._translator.text("print.coupons", locale=locale, params=listed))
            return "; ".join(parts)[:MAX_DESCRIPTION]

        return told

    def _of_product(self, sold: Sold, locale: str) -> str:
        return place_fingerprint(_PRODUCT, self._language, locale, sold.product)

    def _of_plan(self, sold: Sold, locale: str) -> str:
        return place_fingerprint(_PLAN, self._language, locale, sold.plan)
