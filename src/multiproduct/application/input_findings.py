"""Gathering what is wrong with the fields of a command, so that all of it is told at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from multiproduct.domain.shared import FieldProblem, InvalidInput

T = TypeVar("T")


class InputFindings:
    """The rules stay where they are, in the domain, and refuse one field each; what they refuse is collected
    here. A rule is not asked about a field that something was found wrong with before."""

    def __init__(self, known: Iterable[FieldProblem] = ()) -> None:
        """`known`: what was found before any rule was asked, such as values of a wrong type."""
        self._problems = list(known)

    @property
    def problems(self) -> Sequence[FieldProblem]:
        """What was found so far, in the order in which it was found."""
        return tuple(self._problems)

    def read(self, read: Callable[[], T], *fields: str) -> T | None:
        """What `read` answers, or None where it refuses, or where one of the fields it reads is wrong
        already."""
        wrong = {problem.field.partition(".")[0] for problem in self._problems}
        if not wrong.isdisjoint(fields):
            return None
        try:
            return read()
        except InvalidInput as error:
            self._problems += error.problems
            return None

    def refusal(self) -> InvalidInput:
        """All of it as the error to raise."""
        return InvalidInput(*self._problems)

    def refuse(self) -> None:
        """Raises InvalidInput if anything was found."""
        if self._problems:
            raise self.refusal()
