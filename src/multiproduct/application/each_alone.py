"""Doing many things one after the other, such that one that fails keeps no other from being done."""

from collections.abc import Iterator
from contextlib import contextmanager

_MOST_TOLD = 10


class EachAlone:
    """For the batches of jobs. A row that cannot be tended comes first again with every batch: were its
    failure to end the run, those after it would never have their turn."""

    def __init__(self, *, what: str) -> None:
        self._what = what
        self._errors: list[Exception] = []
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around what is done for one: its failure is kept for the end."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, `tell` raises it when all had their turn
            self._count += 1
            if len(self._errors) < _MOST_TOLD:
                self._errors.append(error)

    def tell(self) -> None:
        """Raises ExceptionGroup of the first ten failures where there were any."""
        if self._errors:
            raise ExceptionGroup(f"{self._what}: {self._count} failed", self._errors)
