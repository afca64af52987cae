"""Percentages and exact unit prices, and the one way in which amounts are rounded here."""

import re
from dataclasses import dataclass
from fractions import Fraction

from multiproduct.domain.shared.money import Currency, Money

_is_percent = re.compile(r"\d{1,3}(\.\d{1,2})?").fullmatch
_is_unit_price = re.compile(r"\d{1,15}(\.\d{1,12})?").fullmatch
_ALL = 10_000


def half_up(minor: Fraction) -> int:
    """The nearest whole number; of two that are equally near, the greater one."""
    return (2 * minor.numerator + minor.denominator) // (2 * minor.denominator)


@dataclass(frozen=True, slots=True, order=True)
class Percent:
    """A share in hundredths of a percent, from nothing to all."""

    hundredths: int

    def __post_init__(self) -> None:
        if not 0 <= self.hundredths <= _ALL:
            raise ValueError(f"not a share: {self.hundredths}")

    @classmethod
    def parse(cls, text: str) -> "Percent":
        """Reads "15" or "12.5": at most two digits behind the point, at most 100. Raises ValueError."""
        if not (text.isascii() and _is_percent(text)):
            raise ValueError(f"not a percentage: {text!r}")
        whole, _, part = text.partition(".")
        return cls(int(whole) * 100 + int(part.ljust(2, "0") or 0))

    def __str__(self) -> str:
        whole, part = divmod(self.hundredths, 100)
        return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)

    def off(self, money: Money) -> Money:
        """What is left of an amount that is not negative, half up on its minor units."""
        return Money(half_up(self.exactly_off(money)), money.currency)

    def exactly_off(self, money: Money) -> Fraction:
        """The same in minor units, before it is rounded."""
        return Fraction(money.minor * (_ALL - self.hundredths), _ALL)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one unit of usage costs, which may be far less than the currency's smallest coin: at most 12
    digits behind the point."""

    text: str

    def __post_init__(self) -> None:
        if not (self.text.isascii() and _is_unit_price(self.text)):
            raise ValueError(f"not a unit price: {self.text!r}")

    def minor(self, currency: Currency) -> Fraction:
        """In the currency's minor units, exactly."""
        return Fraction(self.text) * Fraction(10) ** currency.exponent
