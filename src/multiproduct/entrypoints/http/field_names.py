"""Which field somebody may have meant by a name that there is none of."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

_LONGEST = 64
_LIKENESS = 0.6


def nearest(location: Sequence[str | int], command: type[BaseModel]) -> str | None:
    """The name of a field at the same place that is most like the last part of the location, if any is alike.

    Likeness is that of difflib (Ratcliff and Obershelp's gestalt pattern matching), 0.6 or more.
    """
    *outer, name = location
    model: type[BaseModel] | None = command
    for part in outer:
        field = model.model_fields.get(str(part)) if model is not None else None
        model = _model_in(field.annotation) if field is not None else None
    if model is None or not isinstance(name, str) or len(name) > _LONGEST:
        return None
    found = get_close_matches(name.lower(), list(model.model_fields), n=1, cutoff=_LIKENESS)
    return found[0] if found else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for choice in (annotation, *get_args(annotation)):
        if isinstance(choice, type) and issubclass(choice, BaseModel):
            return choice
    return None
