"""Numbers of invoices and credit notes: gapless for each seller, series and year; of orders: unique."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

INVOICES, CREDIT_NOTES = "INV", "CN"
"""The series there are. Each counts from 1 every year, as the seller's clock (UTC) has it."""
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is taken for another
_is_format = re.compile(
    r"(?:[A-Z0-9/_.-]|\{(?:series|seller|year)\}){0,60}\{number:0(?:[1-9]|1[0-2])\}", re.IGNORECASE
).fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One run of numbers."""

    seller: str
    name: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNumber:
    """A number with the moment of issue that belongs to it: never before that of the number before it, even
    where a clock goes back."""

    series: Series
    sequence: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is written: letters, digits and `/_.-`, `{series}`, `{seller}`, `{year}`, and at the end
    `{number:06}`. Has to have the year, as counting begins anew with it, and the series."""

    template: str = "{series}-{year}-{number:06}"

    def __post_init__(self) -> None:
        if not _is_format(self.template) or "{year}" not in self.template or "{series}" not in self.template:
            raise ValueError(f"not a format of numbers: {self.template!r}")

    def text(self, taken: TakenNumber) -> str:
        """The number as documents have it. The house's own seller has no name in it unless asked for."""
        return self.template.format(
            series=taken.series.name,
            seller=taken.series.seller,
            year=taken.series.year,
            number=taken.sequence,
        )


def order_number(id: UUID, now: datetime) -> str:
    """`ORD-20260304-7ZK4QW8M2C`: the day, and fifty bits of the id that nobody can guess. Orders may have
    gaps, so nobody waits for a number."""
    return f"ORD-{now:%Y%m%d}-{_letters(id)}"


def settlement_reference(id: UUID) -> str:
    """What a payer quotes: `TRX-` and fifty bits of the id."""
    return f"TRX-{_letters(id)}"


def _letters(id: UUID) -> str:
    rest, letters = id.int & (1 << 50) - 1, ""
    for _ in range(10):
        rest, digit = divmod(rest, 32)
        letters = _DIGITS[digit] + letters
    return letters
