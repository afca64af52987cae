"""Working out the tax of an invoice's lines: exact, with the rounding that the seller chose, parts that sum.

Rounding: half up, away from zero for negative lines, to the currency's minor unit; either on each line
(article 226 of Directive 2006/112/EC leaves the choice to the member states), or once for all lines of one
tax, whose parts are then given to the lines by largest remainder.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from multiproduct.domain.billing.lines import AppliedTax, NewLine
from multiproduct.domain.billing.tax_rule import PPM
from multiproduct.domain.shared import Money


class TaxRounding(StrEnum):
    """Where the tax is rounded."""

    PER_LINE = "line"
    PER_INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Taxed:
    """What a line comes to, in minor units."""

    line: NewLine
    tax: AppliedTax
    net_minor: int
    tax_minor: int


def taxed(
    lines: Sequence[NewLine], tax_of: Callable[[NewLine], AppliedTax], rounding: TaxRounding
) -> list[Taxed]:
    """Each line with its tax. Raises ValueError where currencies mix."""
    if len({line.asked.currency for line in lines}) > 1:
        raise ValueError("currencies never mix")
    taxes = [tax_of(line) for line in lines]
    asked = [line.asked.minor for line in lines]
    if rounding is TaxRounding.PER_LINE:
        amounts = [_rounded(minor, tax) for minor, tax in zip(asked, taxes, strict=True)]
    else:
        amounts = _once_for_each_tax(asked, taxes)
    return [
        Taxed(line, tax, minor - amount if tax.is_inclusive else minor, amount)
        for line, tax, minor, amount in zip(lines, taxes, asked, amounts, strict=True)
    ]


def _fraction(tax: AppliedTax) -> tuple[int, int]:
    """The part of the asked amount that is tax: of a price with the tax in it, rate / (1 + rate)."""
    return tax.rate_ppm, PPM + tax.rate_ppm if tax.is_inclusive else PPM


def _half_up(numerator: int, denominator: int) -> int:
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def _rounded(minor: int, tax: AppliedTax) -> int:
    rate, whole = _fraction(tax)
    return _half_up(minor * rate, whole)


def _once_for_each_tax(asked: Sequence[int], taxes: Sequence[AppliedTax]) -> list[int]:
    members: defaultdict[AppliedTax, list[int]] = defaultdict(list)
    for index, tax in enumerate(taxes):
        members[tax].append(index)
    amounts = [0] * len(asked)
    for tax, indexes in members.items():
        total = _rounded(sum(asked[index] for index in indexes), tax)
        for index, part in zip(indexes, _parts(total, [asked[i] for i in indexes], tax), strict=True):
            amounts[index] = part
    return amounts


def _parts(total: int, asked: Sequence[int], tax: AppliedTax) -> list[int]:
    """The total over the lines: each its exact tax rounded down, what is left to the largest remainders (ties
    to the earlier line). Each part is within one minor unit of the exact tax."""
    rate, whole = _fraction(tax)
    floors = [minor * rate // whole for minor in asked]
    left = total - sum(floors)
    order = sorted(range(len(asked)), key=lambda index: (-(asked[index] * rate % whole), index))
    for index in order[:left]:
        floors[index] += 1
    return floors


def part_of(total: Money, *, part: int, whole: int) -> Money:
    """`part` of `whole` of an amount, half up. `whole` is positive."""
    return Money(_half_up(total.minor * part, whole), total.currency)
