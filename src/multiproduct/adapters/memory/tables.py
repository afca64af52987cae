"""Tables of one process: rows that are committed, and what one unit would change about them."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, replace
from functools import cache
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class Table(Generic[K, V]):
    """Committed rows by key, in the order in which they came.

    `copy` makes a row that shares nothing which can be changed: rows are copied on their way in and out.
    `indexes` name what rows are found by besides their key; None is not found. Where there are more than
    `most` rows, the first that came goes.
    """

    def __init__(
        self,
        *,
        key: Callable[[V], K],
        copy: Callable[[V], V],
        indexes: Mapping[str, Callable[[V], Hashable]] | None = None,
        most: int | None = None,
    ) -> None:
        self.key = key
        self.most = most
        # The same outcome for a third of the time, which is most of what a unit in memory takes.
        self.copy: Callable[[V], V] = copied if copy is replace else copy
        self.indexes = dict(indexes or {})
        self.rows: dict[K, V] = {}
        self._found: dict[str, dict[Hashable, dict[K, None]]] = {name: {} for name in self.indexes}

    def keys_under(self, index: str, value: Hashable) -> Iterable[K]:
        """The keys of the rows that an index has under a value."""
        return self._found[index].get(value, ())

    def values_of(self, index: str) -> Iterable[Hashable]:
        """What the index has rows under."""
        return self._found[index]

    def put(self, row: V) -> None:
        """Keeps `row` itself, in the place of the one with its key if there is one."""
        key = self.key(row)
        before = self.rows.get(key)
        self.rows[key] = row
        for name, value_of in self.indexes.items():
            value = value_of(row)
            if before is not None:
                if value_of(before) == value:
                    continue
                self._drop(name, value_of(before), key)
            if value is not None:
                self._found[name].setdefault(value, {})[key] = None
        if self.most is not None and len(self.rows) > self.most:
            self.remove(next(iter(self.rows)))

    def remove(self, key: K) -> None:
        """Removes a row, if it is there."""
        row = self.rows.pop(key, None)
        if row is None:
            return
        for name, value_of in self.indexes.items():
            self._drop(name, value_of(row), key)

    def _drop(self, name: str, value: Hashable, key: K) -> None:
        if value is None:
            return
        keys = self._found[name][value]
        del keys[key]
        if not keys:
            del self._found[name][value]


class Staged(Generic[K, V]):
    """A table as one unit sees it: what is committed, under what the unit itself wrote."""

    __slots__ = ("_table", "_written")

    def __init__(self, table: Table[K, V]) -> None:
        self._table = table
        self._written: dict[K, V | None] = {}

    def get(self, key: K) -> V | None:
        """A copy of the row."""
        row = self._written[key] if key in self._written else self._table.rows.get(key)
        return None if row is None else self._table.copy(row)

    def put(self, row: V) -> None:
        """Writes a copy of the row."""
        self._written[self._table.key(row)] = self._table.copy(row)

    def seen(self, key: K) -> V | None:
        """The row as it lies, for whoever only looks at it."""
        return self._written[key] if key in self._written else self._table.rows.get(key)

    def seen_under(self, index: str, value: Hashable) -> Iterator[V]:
        """The rows that the index has under the value, as they lie."""
        rows, written = self._table.rows, self._written
        for key in self._table.keys_under(index, value):
            if key not in written:
                yield rows[key]
        value_of = self._table.indexes[index]
        for row in written.values():
            if row is not None and value_of(row) == value:
                yield row

    def values_of(self, index: str) -> list[Any]:
        """What the index has rows under, or had before the unit wrote."""
        value_of = self._table.indexes[index]
        of_written = {value_of(row): None for row in self._written.values() if row is not None}
        return list({**dict.fromkeys(self._table.values_of(index)), **of_written})

    def give(self, row: V) -> None:
        """Writes a row that nobody keeps or changes any more, so that it need not be copied."""
        self._written[self._table.key(row)] = row

    def key_of(self, row: V) -> K:
        """The key under which the row is kept."""
        return self._table.key(row)

    def remove(self, key: K) -> bool:
        """Removes the row; false when there was none."""
        is_there = self.seen(key) is not None
        if is_there:
            self._written[key] = None
        return is_there

    def under(self, index: str, value: Hashable) -> list[V]:
        """Copies of the rows that the index has under the value."""
        rows, copy = self._table.rows, self._table.copy
        found = [copy(rows[key]) for key in self._table.keys_under(index, value) if key not in self._written]
        if not self._written:
            return found
        value_of = self._table.indexes[index]
        return found + [
            copy(row) for row in self._written.values() if row is not None and value_of(row) == value
        ]

    def one_under(self, index: str, value: Hashable) -> V | None:
        """A copy of the row that a unique index has under the value."""
        found = self.under(index, value)
        return found[0] if found else None

    def has(self, index: str, value: Hashable) -> bool:
        """Whether the index has anything under the value."""
        if any(key not in self._written for key in self._table.keys_under(index, value)):
            return True
        value_of = self._table.indexes[index]
        return any(row is not None and value_of(row) == value for row in self._written.values())

    def where(self, wanted: Callable[[V], bool]) -> Iterator[V]:
        """Every row that is wanted, as it lies: whoever hands it out copies it."""
        for key, row in self._table.rows.items():
            if key not in self._written and wanted(row):
                yield row
        for written in self._written.values():
            if written is not None and wanted(written):
                yield written

    def purge(self, wanted: Callable[[V], bool], *, limit: int) -> int:
        """Removes rows, at most `limit`; answers how many."""
        keys = [self._table.key(row) for row, _ in zip(self.where(wanted), range(limit), strict=False)]
        self._written.update(dict.fromkeys(keys))
        return len(keys)

    def apply(self) -> None:
        """Makes what was written what is committed."""
        if not self._written:
            return
        for key, row in self._written.items():
            if row is None:
                self._table.remove(key)
            else:
                self._table.put(row)
        self._written = {}


class OpenedTables:
    """Some tables as one unit sees them. `opened` are those that the unit has come to use, of which there are
    few: a unit that staged them all would take longer over that than over its work."""

    def __init__(self, tables: Any, opened: list[Staged[Any, Any]]) -> None:
        self.tables = tables
        self.opened = opened


class OnStage(Generic[K, V]):
    """A table that is staged when a unit first asks for it."""

    def __init__(self, _tables: type[T], table_of: Callable[[T], Table[K, V]]) -> None:
        self._table_of: Callable[[Any], Table[K, V]] = table_of
        self._name = ""

    def __set_name__(self, _stage: type[OpenedTables], name: str) -> None:
        self._name = name

    def __get__(self, stage: OpenedTables, _kind: type[OpenedTables]) -> Staged[K, V]:
        staged = Staged(self._table_of(stage.tables))
        stage.opened.append(staged)
        # From now on the attribute of the stage is found before this one of its class.
        stage.__dict__[self._name] = staged
        return staged


def copied(row: V) -> V:
    """What `dataclasses.replace` makes of a row that is in order, so that its checks are not run again."""
    kind: Any = type(row)
    made: V = _copier(kind)(row)
    return made


def copied_but(name: str, copy_of: Callable[[Any], Any]) -> Callable[[V], V]:
    """Copies rows of which one field holds what can be changed."""

    def copy(row: V) -> V:
        made = copied(row)
        object.__setattr__(made, name, copy_of(getattr(row, name)))
        return made

    return copy


@cache
def _copier(kind: Any) -> Callable[[Any], Any]:
    """Copies a dataclass field by field, those that are not given beginning as in a new one. Rows are copied
    on their way in and out, which took a fifth of all time where this was a loop: so it is written out per
    class, as `dataclasses` does with what it adds."""
    names = {"new": object.__new__, "kind": kind, "put": object.__setattr__}
    lines = ["made = new(kind)"]
    is_frozen = kind.__dataclass_params__.frozen
    for each in fields(kind):
        value = f"row.{each.name}"
        if not each.init:
            value = f"{each.name}_begins()"
            names[f"{each.name}_begins"] = _beginning(each)
        lines.append(f"put(made, {each.name!r}, {value})" if is_frozen else f"made.{each.name} = {value}")
    source = "\n    ".join(["def copier(row):", *lines, "return made"])
    exec(source, names)  # noqa: S102 - the names of the fields of our own classes, nothing from outside
    copier: Callable[[Any], Any] = names["copier"]
    return copier


def _beginning(each: "Field[Any]") -> Callable[[], Any]:
    if each.default_factory is not MISSING:
        return each.default_factory
    return lambda: each.default


def json_copy(value: Any) -> Any:
    """A copy of a JSON value that shares no list and no dictionary with it."""
    if isinstance(value, dict):
        return {name: json_copy(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_copy(item) for item in value]
    return value


def as_it_is(row: V) -> V:
    """For rows of which nothing can be changed."""
    return row
