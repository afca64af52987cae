"""Money: integer minor units of one currency, exact, never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from multiproduct.domain.shared.errors import FieldProblem

# ISO 4217 exponents that differ from 2. Source: ISO 4217 list one, as published by SIX on 2024-06-25.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_MAX_DIGITS = 18
MAX_MINOR = 10**_MAX_DIGITS - 1
"""The largest amount that is read, in minor units."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency by its three-letter code."""

    code: str

    def __post_init__(self) -> None:
        if len(self.code) != 3 or not (self.code.isascii() and self.code.isalpha() and self.code.isupper()):
            raise ValueError(f"not an ISO 4217 code: {self.code!r}")

    @property
    def exponent(self) -> int:
        """How many digits stand behind the decimal point: 2 for USD and TWD, 0 for JPY, 3 for KWD."""
        return _EXPONENTS.get(self.code, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` counts the currency's smallest units (cents, yen, fils)."""

    minor: int
    currency: Currency

    @classmethod
    def parse(cls, amount: str, currency: Currency) -> "Money":
        """Reads "19.99". More digits than the currency has, exponents and signs other than "-" are refused.

        Raises ValueError.
        """
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"not an amount: {amount!r}") from None
        plain = amount.removeprefix("-").replace(".", "", 1)
        if not (plain.isascii() and plain.isdigit()) or len(plain) > _MAX_DIGITS:
            raise ValueError(f"not an amount: {amount!r}")
        if len(amount.partition(".")[2]) > currency.exponent:
            raise ValueError(f"{currency.code} has {currency.exponent} digits: {amount!r}")
        return cls(int(value.scaleb(currency.exponent)), currency)

    @classmethod
    def zero(cls, currency: Currency) -> "Money":
        """Nothing, in this currency."""
        return cls(0, currency)

    def __str__(self) -> str:
        exponent = self.currency.exponent
        if exponent == 0:
            return str(self.minor)
        whole, part = divmod(abs(self.minor), 10**exponent)
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{whole}.{part:0{exponent}d}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divides by largest remainder: the parts sum to the whole, ties go to the earlier part.

        Weights are whole and not negative, at least one is positive; raises ValueError otherwise.
        Source: Hamilton's method of apportionment.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be whole, not negative, and not all zero")
        sign, size = (-1, -self.minor) if self.minor < 0 else (1, self.minor)
        shares = [size * weight // total for weight in weights]
        remainders = [size * weight % total for weight in weights]
        left = size - sum(shares)
        for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
            shares[index] += 1
        return [Money(sign * share, self.currency) for share in shares]

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"currencies never mix: {self.currency.code} and {other.currency.code}")
        return other


def currency_mismatch(field: str, *, given: str, expected: str) -> FieldProblem:
    """That an amount is of another currency than the one it has to be in; both are named."""
    return FieldProblem(field, "currency_mismatch", (("given", given), ("expected", expected)))
