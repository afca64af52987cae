"""Every setting as a row: its environment variable, default, meaning and present value, secrets masked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from multiproduct.settings import Settings

PREFIX = "MULTIPRODUCT_"
_ENV_HEADING = """\
# Settings of multiproduct. Copy this to .env, and remove the # before what you change.
# NAME_FILE=/path reads a value from a file instead.
# Written by `multiproduct check-config --env-example`."""
_MASK = "********"
_login = re.compile(r"(?<=://)([^:/@?#]*):([^@/?#]+)@")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting. `default` is as it would be written in the environment; `""` means unset."""

    name: str
    variable: str
    aliases: Sequence[str]
    default: str
    meaning: str

    @property
    def file_variable(self) -> str:
        """The variable that names a file to read the value from."""
        return f"{self.variable}_FILE"


def rows() -> list[SettingRow]:
    """All settings, in the order in which they are declared."""
    return [_row(name, field) for name, field in Settings.model_fields.items()]


def shown(settings: Settings, row: SettingRow) -> str:
    """The present value as a person may see it."""
    value = getattr(settings, row.name)
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    return _login.sub(rf"\1:{_MASK}@", _written(value))


def default(row: SettingRow) -> str:
    """The default as a person may see it."""
    return row.default or "none"


def as_markdown() -> str:
    """The table of the guide."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in rows():
        names = "<br>".join(f"`{name}`" for name in (row.variable, *row.aliases))
        default = f"`{row.default}`" if row.default else "none"
        lines.append(f"| {names} | {default} | {row.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def as_env_example() -> str:
    """The contents of `.env.example`: every setting with its meaning, commented out."""
    blocks = [f"# {row.meaning}\n# {row.variable}={row.default}" for row in rows()]
    return "\n\n".join((_ENV_HEADING, *blocks))


def _row(name: str, field: FieldInfo) -> SettingRow:
    variable = PREFIX + name.upper()
    choices = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else []
    aliases = [choice for choice in choices if isinstance(choice, str) and choice not in {variable, name}]
    return SettingRow(
        name=name,
        variable=variable,
        aliases=aliases,
        default=_written(field.default),
        meaning=field.description or "",
    )


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
