"""Billing cycles: how long one period of a plan is."""

from dataclasses import dataclass
from enum import StrEnum

MAX_DAYS = 3_660
MAX_MONTHS = 120


class CycleName(StrEnum):
    """The cycles that have a name, and `custom` for all others."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    CUSTOM = "custom"


class CycleUnit(StrEnum):
    """What a cycle is counted in. Months end where their anchor day asks for; days are calendar days."""

    DAY = "day"
    MONTH = "month"


_NAMED = {
    CycleName.WEEKLY: (CycleUnit.DAY, 7),
    CycleName.MONTHLY: (CycleUnit.MONTH, 1),
    CycleName.QUARTERLY: (CycleUnit.MONTH, 3),
    CycleName.HALF_YEARLY: (CycleUnit.MONTH, 6),
    CycleName.YEARLY: (CycleUnit.MONTH, 12),
}


@dataclass(frozen=True, slots=True)
class Cycle:
    """`count` times `unit`: 1 to 3,660 days, or 1 to 120 months."""

    name: CycleName
    unit: CycleUnit
    count: int

    def __post_init__(self) -> None:
        named = _NAMED.get(self.name)
        if named is not None and named != (self.unit, self.count):
            raise ValueError(f"{self.name} is {named[1]} x {named[0]}")
        if not 1 <= self.count <= (MAX_DAYS if self.unit is CycleUnit.DAY else MAX_MONTHS):
            raise ValueError(f"no cycle has {self.count} x {self.unit}")

    @classmethod
    def named(cls, name: CycleName) -> "Cycle":
        """The cycle of that name. Raises ValueError for `custom`."""
        if name not in _NAMED:
            raise ValueError("a custom cycle has a unit and a count")
        return cls(name, *_NAMED[name])

    @classmethod
    def custom(cls, unit: CycleUnit, count: int) -> "Cycle":
        """A cycle of the installation's own. Raises ValueError."""
        return cls(CycleName.CUSTOM, unit, count)
