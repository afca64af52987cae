"""Statements with ON CONFLICT, which each dialect builds with an `insert` of its own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite


def in_each_dialect(build: Callable[[Any], Executable]) -> dict[str, Executable]:
    """The statement for every dialect by its name; `build` is given that dialect's `insert`."""
    return {"postgresql": build(postgresql.insert), "sqlite": build(sqlite.insert)}
