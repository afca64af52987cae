"""Proration worked out another way: with fractions, second by second spans, from the list of all changes."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def asked(list_price: int, paid: int, of: int) -> int:
    """What is asked of a list price in a period that was sold at `paid` instead of `of`. What goes beyond
    `of` is asked in full; up to there it is the same share: the nearest whole number, of two that are as near
    the greater."""
    beyond = max(0, list_price - of)
    wanted = Fraction(min(list_price, of) * paid, of) + beyond if of else Fraction(list_price)
    below, above = floor(wanted), floor(wanted) + 1
    return below if wanted - below < above - wanted else above


def totals(length: int, first_price: int, changes: Sequence[tuple[int, int]]) -> list[int]:
    """What the whole period costs at first, and after each change `(second, price)`, each as if it were the
    last: the fractions of the spans are summed, and the sum is rounded down once."""
    known = []
    for taken in range(len(changes) + 1):
        spans = [(0, first_price), *changes[:taken]]
        ends = [second for second, _ in spans[1:]] + [length]
        value = sum(
            (
                Fraction(price) * Fraction(end - begin, length)
                for (begin, price), end in zip(spans, ends, strict=True)
            ),
            Fraction(0),
        )
        known.append(floor(value))
    return known


def used_up(length: int, first_price: int, changes: Sequence[tuple[int, int]], second: int) -> int:
    """The value of what was used until a second, rounded down once."""
    spans = [(0, first_price), *changes]
    value = Fraction(0)
    for index, (begin, price) in enumerate(spans):
        end = spans[index + 1][0] if index + 1 < len(spans) else length
        value += price * Fraction(max(0, min(end, second) - begin), length)
    return floor(value)
