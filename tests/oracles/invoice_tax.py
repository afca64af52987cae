"""Tax of invoice lines by exact fractions, written from the rule and not from the code."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def half_up(exact: Fraction) -> int:
    """To a whole number, halves away from zero."""
    return floor(exact + Fraction(1, 2)) if exact >= 0 else -floor(-exact + Fraction(1, 2))


def exact_tax(asked: int, rate_ppm: int, *, is_inclusive: bool) -> Fraction:
    """The tax of what is asked, not rounded."""
    rate = Fraction(rate_ppm, 1_000_000)
    return asked * rate / (1 + rate) if is_inclusive else asked * rate


def total_of(asked: Sequence[int], tax: int, *, is_inclusive: bool) -> int:
    """What the customer pays."""
    return sum(asked) if is_inclusive else sum(asked) + tax
