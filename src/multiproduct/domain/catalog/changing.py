"""Setting the fields of an aggregate that differ, and telling how they differed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Changes = dict[str, tuple[str | None, str | None]]
_LONGEST_SHOWN = 500
"""Characters of a value in the audit log."""


def set_differing(aggregate: object, wanted: Mapping[str, Any]) -> Changes:
    """Sets the attributes that have another value; answers each before and after, as the audit log shows
    them."""
    differing = {name: value for name, value in wanted.items() if getattr(aggregate, name) != value}
    changes: Changes = {
        name: (_shown(getattr(aggregate, name)), _shown(value)) for name, value in differing.items()
    }
    for name, value in differing.items():
        setattr(aggregate, name, value)
    return changes


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, Mapping):
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    elif isinstance(value, frozenset | set | list | tuple):
        text = " ".join(sorted(map(str, value)) if isinstance(value, frozenset | set) else map(str, value))
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
