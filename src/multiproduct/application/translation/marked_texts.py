"""The marked texts of a result: finding them, and making the same result with others in their place."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from multiproduct.application.translation.marking import Translatable, marks_of

R = TypeVar("R", bound=BaseModel)


class MarkedText(NamedTuple):
    """A text, the field it stands in, and the language it is in (None: that of the installation's texts)."""

    field: str
    text: str
    language: str | None = None


def texts_in(result: BaseModel) -> Iterator[MarkedText]:
    """The marked texts of a result, as often as they are there."""
    marks = marks_of(type(result))
    for name, mark in marks.own.items():
        yield from _texts(getattr(result, name), mark, _language(result, mark))
    for name in marks.inner:
        yield from _inner_texts(getattr(result, name))


def with_texts(result: R, wordings: Mapping[MarkedText, str]) -> R:
    """The same result with other wordings; itself where there are none for it. What is not marked stays the
    very same object."""
    marks = marks_of(type(result))
    changed: dict[str, Any] = {}
    for name, mark in marks.own.items():
        before = getattr(result, name)
        after = _reworded(before, mark, _language(result, mark), wordings)
        if after != before:
            changed[name] = after
    for name in marks.inner:
        before = getattr(result, name)
        after = _inner_reworded(before, wordings)
        if after is not before:
            changed[name] = after
    return result.model_copy(update=changed) if changed else result


def _language(result: BaseModel, mark: Translatable) -> str | None:
    return None if mark.written_in is None else getattr(result, mark.written_in)


def _texts(value: Any, mark: Translatable, language: str | None) -> Iterator[MarkedText]:
    if isinstance(value, str):
        yield MarkedText(mark.field, value, language)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each, mark, language)


def _inner_texts(value: Any) -> Iterator[MarkedText]:
    if isinstance(value, BaseModel):
        yield from texts_in(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _inner_texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _inner_texts(each)


def _reworded(
    value: Any, mark: Translatable, language: str | None, wordings: Mapping[MarkedText, str]
) -> Any:
    if isinstance(value, str):
        return wordings.get(MarkedText(mark.field, value, language), value)
    if isinstance(value, list | tuple):
        return type(value)(_reworded(each, mark, language, wordings) for each in value)
    return value


def _inner_reworded(value: Any, wordings: Mapping[MarkedText, str]) -> Any:
    if isinstance(value, BaseModel):
        return with_texts(value, wordings)
    if isinstance(value, list | tuple):
        items = [_inner_reworded(each, wordings) for each in value]
        is_same = all(after is before for after, before in zip(items, value, strict=True))
        return value if is_same else type(value)(items)
    if isinstance(value, dict):
        after = {name: _inner_reworded(each, wordings) for name, each in value.items()}
        return value if all(after[name] is each for name, each in value.items()) else after
    return value
