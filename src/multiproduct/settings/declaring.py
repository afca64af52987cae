"""How a setting is declared: its default, its environment variable, and what it means."""

from typing import Any

from pydantic import AliasChoices, Field

PREFIX = "MULTIPRODUCT_"


def setting(default: Any, name: str, meaning: str, *aliases: str) -> Any:
    """A field that is read from `MULTIPRODUCT_<name>` or one of the aliases. People are shown `meaning`."""
    return Field(
        default=default,
        description=meaning,
        validation_alias=AliasChoices(PREFIX + name, *aliases),
    )
