"""Statements as a driver takes them, compiled once for the names of their parameters and lengths of lists."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from sqlalchemy import BindParameter, Dialect, Executable, TextClause, TextualSelect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NULLTYPE, TupleType, TypeEngine

from multiproduct.adapters.sql.lanes import Parameters

Processor = Callable[[Any], Any]

_MOST_STATEMENTS = 2_000
"""Of which the forms are kept; the product has some 500."""
_MOST_FORMS = 64
"""Of one statement; a list that has another length each time is left to SQLAlchemy."""


class Form:
    """SQL, and how the values come to their places."""

    def __init__(self, compiled: SQLCompiler, parameters: Mapping[str, Any]) -> None:
        state = compiled.construct_expanded_state(parameters)
        self.sql = state.statement
        self._dialect = compiled.dialect
        self._columns = _columns(compiled)
        self._is_text = isinstance(compiled.statement, (TextClause, TextualSelect))
        of_list = {each: name for name, names in state.parameter_expansion.items() for each in names}
        self._constants: dict[str, Any] = {}
        self._lists: list[tuple[str, Sequence[str]]] = []
        self._names: list[str] = []
        self._processors: list[tuple[int, Processor]] = []
        for place, name in enumerate(state.positiontup or ()):
            bind = compiled.binds[of_list.get(name, name)]
            given = _given_as(bind, of_list.get(name, name), parameters)
            if given is None:
                self._constants[name] = state.parameters[name]
            self._names.append(name if given is None or name in of_list else given)
            if processor := bind.type.dialect_impl(self._dialect).bind_processor(self._dialect):
                self._processors.append((place, processor))
        for name, names in state.parameter_expansion.items():
            if given := _given_as(compiled.binds[name], name, parameters):
                self._lists.append((given, names))

    @property
    def lists(self) -> list[str]:
        """The parameters that are lists."""
        return [name for name, _ in self._lists]

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters' values in the driver's order. Raises KeyError for one that lacks."""
        given = parameters
        if self._constants or self._lists:
            given = {**self._constants, **parameters}
            for name, names in self._lists:
                given.update(zip(names, parameters[name], strict=True))
        values = [given[name] for name in self._names]
        for place, process in self._processors:
            values[place] = process(values[place])
        return values

    def result_processors(self, names: Sequence[str], kinds: Sequence[Any]) -> list[tuple[int, Processor]]:
        """What makes values of the driver's, with their places; `kinds` are the types' numbers."""
        found: list[tuple[int, Processor]] = []
        for place, (type_, kind) in enumerate(zip(self._result_types(names), kinds, strict=True)):
            processor = type_.dialect_impl(self._dialect).result_processor(self._dialect, kind)
            if processor is not None:
                found.append((place, processor))
        return found

    def _result_types(self, names: Sequence[str]) -> Sequence[TypeEngine[Any]]:
        """Of text it is known what columns have a type that is not the driver's, and not where they are."""
        if not self._is_text:
            return [column.type for column in self._columns]
        types = {column.key: column.type for column in self._columns}
        return [types.get(name, NULLTYPE) for name in names]


class _Forms:
    """Those of one statement, by the names of the parameters and whether there are many executions."""

    def __init__(self) -> None:
        self._lists: dict[tuple[Any, ...], tuple[list[str], SQLCompiler] | None] = {}
        self._forms: dict[tuple[Any, ...], Form] = {}

    def form(self, statement: Executable, parameters: Parameters | None, dialect: Dialect) -> Form | None:
        first, is_many = _first_of(parameters)
        names = (is_many, *first)
        if names not in self._lists:
            self._lists[names] = self._compiled(statement, first, dialect, is_many=is_many)
        known = self._lists[names]
        if known is None:
            return None
        lists, compiled = known
        shape = (names, *[len(first[name]) for name in lists]) if lists else names
        form = self._forms.get(shape)
        if form is None and len(self._forms) < _MOST_FORMS:
            form = self._forms[shape] = Form(compiled, first)
        return form

    @staticmethod
    def _compiled(
        statement: Any, first: Mapping[str, Any], dialect: Dialect, *, is_many: bool
    ) -> tuple[list[str], SQLCompiler] | None:
        compiled = statement.compile(dialect=dialect, column_keys=sorted(first), for_executemany=is_many)
        if not _is_plain(compiled, is_many=is_many):
            return None
        return Form(compiled, first).lists, compiled


_seen: WeakSet[Executable] = WeakSet()
_known: OrderedDict[Executable, _Forms] = OrderedDict()
"""The least used first. They are held fast, as what was compiled holds the statement anyway."""


def form_of(statement: Executable, parameters: Parameters | None, dialect: Dialect) -> Form | None:
    """The form of a statement that was asked for before, or None if SQLAlchemy should execute it: for the
    first time (most of those that are built for one execution come once), or because it needs more."""
    forms = _known.get(statement)
    if forms is None:
        if statement not in _seen:
            _seen.add(statement)
            return None
        forms = _known[statement] = _Forms()
        if len(_known) > _MOST_STATEMENTS:
            _known.popitem(last=False)
    else:
        _known.move_to_end(statement)
    return forms.form(statement, parameters, dialect)


def _first_of(parameters: Parameters | None) -> tuple[Mapping[str, Any], bool]:
    # A dictionary as nearly always: to ask for any mapping takes longer than the rest.
    if parameters is None or isinstance(parameters, dict):
        return parameters or {}, False
    if isinstance(parameters, Sequence):
        return (parameters[0] if parameters else {}), len(parameters) > 1
    return parameters, False


def _is_plain(compiled: Any, *, is_many: bool) -> bool:
    """Whether values and rows are all that there is to it."""
    if not isinstance(compiled, SQLCompiler) or compiled.literal_execute_params:
        return False
    if isinstance(compiled.statement, TextualSelect) and compiled.statement.positional:
        return False
    if compiled.insert_prefetch or compiled.update_prefetch or any(b.callable for b in compiled.bind_names):
        return False
    if is_many and (compiled.post_compile_params or compiled.effective_returning):
        return False
    return not any(isinstance(bind.type, TupleType) for bind in compiled.bind_names)


def _given_as(bind: BindParameter[Any], name: str, parameters: Mapping[str, Any]) -> str | None:
    """Under which name a value is given; None for a value that is part of the statement."""
    return bind.key if bind.key in parameters else name if name in parameters else None


def _columns(compiled: SQLCompiler) -> Sequence[Any]:
    if compiled.isinsert or compiled.isupdate or compiled.isdelete:
        return compiled.effective_returning or ()
    return list(getattr(compiled.statement, "selected_columns", ()))
