"""Marking which fields of results are translated for whoever reads them: those that say so, and no others."""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_is_field = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}").fullmatch


@dataclass(frozen=True, slots=True)
class Translatable:
    """Marks a field of a result model, of text or a list of texts: `Annotated[str, Translatable("a.b.c")]`.

    `field` is `context.thing.field`: the same text in the same field has one translation, wherever it is
    shown. `written_in` names the model's field that says which language the text is in; without one it is the
    language that the installation's texts are written in.

    Display texts are marked, which are the same for everybody: they are sent to providers and kept in caches,
    as nothing that is somebody's own may be. Ids, codes, states, money, names of people, what users write,
    legal texts and documents that were issued never are.
    """

    field: str
    written_in: str | None = None

    def __post_init__(self) -> None:
        if not _is_field(self.field):
            raise ValueError(f"a field is context.thing.field, not {self.field!r}")


class AsWritten:
    """A result that is shown to those who edit it, and therefore never translated, with all that it holds:
    what is read is sent back, and the original would be lost."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is translated of a model: its own fields, and those that hold models with marked fields."""

    own: Mapping[str, Translatable]
    inner: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.own or self.inner)


@cache
def marks_of(model: type[BaseModel]) -> Marks:
    """The marks of a result model. Raises TypeError where something other than text is marked."""
    if issubclass(model, AsWritten):
        return Marks({}, ())
    own: dict[str, Translatable] = {}
    inner: list[str] = []
    for name, info in model.model_fields.items():
        mark = next((each for each in info.metadata if isinstance(each, Translatable)), None)
        if mark is not None:
            _require_text(model, name, info.annotation, mark)
            own[name] = mark
        elif any(_leads_to_marks(each, set()) for each in _models_in(info.annotation)):
            inner.append(name)
    return Marks(own, tuple(inner))


def _leads_to_marks(model: type[BaseModel], seen: set[type[BaseModel]]) -> bool:
    """Whether something is marked in a model or in what it holds; `seen` have been looked at already."""
    if model in seen or issubclass(model, AsWritten):
        return False
    seen.add(model)
    for info in model.model_fields.values():
        if any(isinstance(each, Translatable) for each in info.metadata):
            return True
        if any(_leads_to_marks(each, seen) for each in _models_in(info.annotation)):
            return True
    return False


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _require_text(model: type[BaseModel], name: str, annotation: Any, mark: Translatable) -> None:
    if mark.written_in is not None and mark.written_in not in model.model_fields:
        raise TypeError(f"{model.__name__}.{name} is written in {mark.written_in}, which is no field")
    if not _is_text(annotation):
        raise TypeError(f"{model.__name__}.{name} is no text, and cannot be marked as translatable")


def _is_text(annotation: Any) -> bool:
    if annotation is str:
        return True
    parts = [each for each in get_args(annotation) if each is not type(None)]
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_text(parts[0])
    if origin in (Union, types.UnionType):
        return bool(parts) and all(_is_text(each) for each in parts)
    return origin in (list, tuple) and all(each is Ellipsis or _is_text(each) for each in parts)
