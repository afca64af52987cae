"""Reading what commands of the catalog carry: money, percentages, windows and cycles."""

from collections.abc import Sequence
from datetime import datetime

from multiproduct.application.money import MoneyInput
from multiproduct.domain.catalog import Cycle, CycleName, CycleUnit, Discount, Percent
from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.shared.money import Money


def read_amount(given: MoneyInput, field: str) -> Money:
    """An amount that is not below zero. Raises InvalidInput."""
    money = given.money(field=field)
    if money.minor < 0:
        raise InvalidInput(FieldProblem(f"{field}.amount", "value_too_small", (("min", 0),)))
    return money


def read_amounts(given: Sequence[MoneyInput], field: str) -> list[Money]:
    """Amounts that are not below zero, at most one in a currency. Raises InvalidInput."""
    problems: list[FieldProblem] = []
    amounts: list[Money] = []
    for index, each in enumerate(given):
        place = f"{field}.{index}"
        try:
            money = read_amount(each, place)
        except InvalidInput as error:
            problems += error.problems
            continue
        if any(money.currency == other.currency for other in amounts):
            problems.append(FieldProblem(f"{place}.currency", "repeated"))
        amounts.append(money)
    if problems:
        raise InvalidInput(*problems)
    return amounts


def read_percent(text: str, field: str) -> Percent:
    """A percentage. Raises InvalidInput."""
    try:
        return Percent.parse(text)
    except ValueError:
        raise InvalidInput(FieldProblem(field, "value_too_large", (("max", 100),))) from None


def require_window(starts_at: datetime | None, ends_at: datetime | None, field: str) -> None:
    """Raises InvalidInput for a window that ends before it begins."""
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        raise InvalidInput(FieldProblem(field, "ends_before_it_begins"))


def read_discount(
    percent: str | None, starts_at: datetime | None, ends_at: datetime | None
) -> Discount | None:
    """A plan's discount. Raises InvalidInput, also for a window without a percentage."""
    if percent is None:
        if starts_at is not None or ends_at is not None:
            raise InvalidInput(FieldProblem("discount_percent", "required"))
        return None
    read = read_percent(percent, "discount_percent")
    require_window(starts_at, ends_at, "discount_ends_at")
    return Discount(percent=read, starts_at=starts_at, ends_at=ends_at)


def read_cycle(name: str, *, days: int | None, months: int | None) -> Cycle:
    """A billing cycle: `custom` ones have days or months, others neither. Raises InvalidInput."""
    cycle = CycleName(name)
    if cycle is not CycleName.CUSTOM:
        surplus = [f for f, value in (("cycle_days", days), ("cycle_months", months)) if value is not None]
        if surplus:
            raise InvalidInput(*(FieldProblem(field, "not_allowed") for field in surplus))
        return Cycle.named(cycle)
    if days is not None and months is None:
        return Cycle.custom(CycleUnit.DAY, days)
    if months is not None and days is None:
        return Cycle.custom(CycleUnit.MONTH, months)
    raise InvalidInput(FieldProblem("cycle_days", "one_of", (("fields", "cycle_days, cycle_months"),)))
