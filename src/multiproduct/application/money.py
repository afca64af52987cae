"""Money as commands take it and results show it: `{"amount": "19.99", "currency": "USD"}`."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.shared.money import MAX_MINOR, Currency, Money, currency_mismatch

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SHAPE = {"pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,4})?$"}
"""What an amount may look like, whatever its currency. What does not is told where the currency is known."""
_LONGEST = 64

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code, in capitals."""


class MoneyView(BaseModel):
    """An exact amount, a string in the currency's own digits, with its currency."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    amount: str = Field(description="Digits and a point, in the digits of the currency.", examples=["19.99"])
    currency: CurrencyCode = Field(description="ISO 4217 code.", examples=["USD"])

    @classmethod
    def of(cls, money: Money) -> "MoneyView":
        """The amount as it is told."""
        return cls(amount=str(money), currency=money.currency.code)


class MoneyInput(BaseModel):
    """An amount as it is given: a string such as "19.99", with its currency, or plain where the context
    knows the currency."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    amount: str = Field(
        max_length=_LONGEST,
        json_schema_extra={**_SHAPE},
        description="Digits and a point, in the digits of the currency.",
        examples=["19.99"],
    )
    currency: CurrencyCode | None = Field(default=None, description="ISO 4217 code.", examples=["USD"])

    def money(self, *, field: str, known: Currency | None = None) -> Money:
        """The exact amount. `known` is the currency that the context has.

        Raises InvalidInput, naming `field`, where no currency is known, where the one given is another than
        the known one, or where the amount is no plain decimal, is too large, or has more digits than the
        currency.
        """
        if self.currency is None and known is None:
            raise InvalidInput(FieldProblem(field=f"{field}.currency", code="required"))
        if self.currency is not None and known is not None and self.currency != known.code:
            raise InvalidInput(
                currency_mismatch(f"{field}.currency", given=self.currency, expected=known.code)
            )
        currency = known or Currency(self.currency or "")
        try:
            if _PLAIN.fullmatch(self.amount):
                return Money.parse(self.amount, currency)
        except ValueError:
            pass
        raise InvalidInput(_refusal(self.amount, currency, f"{field}.amount"))


def _refusal(amount: str, currency: Currency, field: str) -> FieldProblem:
    """What is wrong with an amount that is none in the currency."""
    if not _PLAIN.fullmatch(amount):
        return FieldProblem(field, "invalid", (("example", str(Money(1999, currency))),))
    if len(amount.partition(".")[2]) > currency.exponent:
        return FieldProblem(field, "amount_digits")
    if amount.startswith("-"):
        return FieldProblem(field, "value_too_small", (("min", str(Money(-MAX_MINOR, currency))),))
    return FieldProblem(field, "value_too_large", (("max", str(Money(MAX_MINOR, currency))),))


def _as_document(given: Any) -> Any:
    return {"amount": given} if isinstance(given, str) else given


_PlainAmount = Annotated[str, Field(max_length=_LONGEST, json_schema_extra={**_SHAPE})]
PlainMoney = Annotated[
    MoneyInput, BeforeValidator(_as_document, json_schema_input_type=MoneyInput | _PlainAmount)
]
"""A `MoneyInput` that may also be given as a plain "19.99"."""
