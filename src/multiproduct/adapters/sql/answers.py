"""What a statement answered: its rows, read as those of SQLAlchemy are."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

Processor = Callable[[Any], Any]


class RowMaker:
    """Makes rows whose values have their columns' names."""

    def __init__(self, *, names: Sequence[str], processors: Sequence[tuple[int, Processor]]) -> None:
        # Only the database knows the names.
        named: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024
        mapping = property(lambda row: dict(zip(names, row, strict=True)))
        row: Any = type("Row", (named,), {"__slots__": (), "_mapping": mapping})
        self._row: Callable[[Iterable[Any]], Any] = row._make
        self._processors = processors

    def rows(self, records: Iterable[Iterable[Any]]) -> list[Any]:
        """A row for each record of the driver."""
        if not self._processors:
            return [self._row(record) for record in records]
        return [self._row(self._processed(record)) for record in records]

    def _processed(self, record: Iterable[Any]) -> list[Any]:
        values = list(record)
        for place, process in self._processors:
            values[place] = process(values[place])
        return values


class Answer:
    """The part of SQLAlchemy's `CursorResult` that repositories use; rows are named tuples, all there."""

    __slots__ = ("_rows", "dialect", "rowcount")

    def __init__(self, rows: list[Any], *, rowcount: int, dialect: Dialect) -> None:
        self._rows = rows
        self.dialect = dialect
        self.rowcount = rowcount
        """How many rows were written, or read; -1 when it is not known."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any:
        """The only row, or None. Raises MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("more than one row")
        return self.first()

    def one(self) -> Any:
        """The only row. Raises NoResultFound, MultipleResultsFound."""
        if not self._rows:
            raise NoResultFound("no row")
        return self.one_or_none()

    def scalar(self) -> Any:
        """The first value of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first value of the only row. Raises NoResultFound, MultipleResultsFound."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """The first value of the only row, or None. Raises MultipleResultsFound."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def scalars(self) -> "Answer":
        """The first value of each row."""
        return self._with([row[0] for row in self._rows])

    def mappings(self) -> "Answer":
        """Each row by the names of its columns."""
        return self._with([row._mapping for row in self._rows])  # noqa: SLF001 - as SQLAlchemy's rows have it

    def _with(self, rows: list[Any]) -> "Answer":
        return Answer(rows, rowcount=self.rowcount, dialect=self.dialect)
