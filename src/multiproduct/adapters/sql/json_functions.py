"""Functions that gather rows into one JSON value, in the words of each database."""

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from multiproduct.adapters.sql.types import DOCUMENT


class json_list(GenericFunction[Any]):  # noqa: N801 - how a statement calls it
    """An aggregate: the values of all rows as a list, empty where there are none."""

    type = DOCUMENT
    inherit_cache = True


class json_row(GenericFunction[Any]):  # noqa: N801 - likewise
    """The arguments as a list. A JSON column stands in it as the value that it is."""

    type = DOCUMENT
    inherit_cache = True


@compiles(json_list, "postgresql")
def _list_on_postgresql(element: json_list, compiler: Any, **options: Any) -> str:
    return f"coalesce(jsonb_agg({compiler.process(element.clauses, **options)}), '[]'::jsonb)"


@compiles(json_list, "sqlite")
def _list_on_sqlite(element: json_list, compiler: Any, **options: Any) -> str:
    # What a function made is JSON to SQLite, so that it is not quoted again.
    return f"json_group_array({compiler.process(element.clauses, **options)})"


@compiles(json_row, "postgresql")
def _row_on_postgresql(element: json_row, compiler: Any, **options: Any) -> str:
    return f"jsonb_build_array({compiler.process(element.clauses, **options)})"


@compiles(json_row, "sqlite")
def _row_on_sqlite(element: json_row, compiler: Any, **options: Any) -> str:
    written = [
        f"json({text})" if isinstance(argument.type, JSON) else text
        for argument in element.clauses
        for text in [compiler.process(argument, **options)]
    ]
    return f"json_array({', '.join(written)})"
