"""A requirement of the OWASP ASVS, where the project stands to it, and what shows that."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Where the project stands to a requirement."""

    MET = "met"
    PARTLY = "partly met"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`says` is what it asks for in our words. `tests` are pytest node ids, `pages` files that document it,
    both from the root of the repository. `note` says what is missing, or why it does not apply."""

    id: str
    level: int
    standing: Standing
    says: str
    tests: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    note: str = ""


def of(file: str, *names: str) -> tuple[str, ...]:
    """The node ids of these tests, in `tests/<file>.py`."""
    return tuple(f"tests/{file}.py::{name}" for name in names)


def met(
    id: str, level: int, says: str, *tests: str, pages: tuple[str, ...] = (), note: str = ""
) -> Requirement:
    return Requirement(
        id=id, level=level, standing=Standing.MET, says=says, tests=tests, pages=pages, note=note
    )


def partly(
    id: str, level: int, says: str, *tests: str, note: str, pages: tuple[str, ...] = ()
) -> Requirement:
    return Requirement(
        id=id, level=level, standing=Standing.PARTLY, says=says, tests=tests, pages=pages, note=note
    )


def not_met(id: str, level: int, says: str, *, note: str) -> Requirement:
    return Requirement(id=id, level=level, standing=Standing.NOT_MET, says=says, note=note)


def not_applicable(id: str, level: int, says: str, *tests: str, note: str) -> Requirement:
    return Requirement(
        id=id, level=level, standing=Standing.NOT_APPLICABLE, says=says, tests=tests, note=note
    )
