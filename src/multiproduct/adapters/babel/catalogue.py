"""One language's messages, parsed from its .po file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from gettext import c2py
from importlib.resources.abc import Traversable
from typing import cast

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from multiproduct.application.ports.translator import Params

_PLACE = re.compile(r"\{([a-z_]+)\}")

# Babel knows the signs of a numbering system, not its digits.
_DIGITS = {"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}


@dataclass(frozen=True, slots=True)
class Message:
    """The forms of one message, and the place whose number picks one (none where there is one form)."""

    forms: tuple[str, ...]
    counts: str | None = None

    @property
    def places(self) -> frozenset[str]:
        """The names of all the places that some form has."""
        return frozenset(name for form in self.forms for name in _PLACE.findall(form))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All messages of one language, and how it counts and writes numbers."""

    locale: Locale
    messages: Mapping[str, Message]
    plural_form: Callable[[int], int] = field(repr=False)

    def text(self, key: str, params: Params) -> str | None:
        """The filled message, or None where there is none. A place without a parameter stays as it is."""
        message = self.messages.get(key)
        if message is None:
            return None
        wording = message.forms[self._form(message, params)]
        if "{" not in wording:
            return wording
        return _PLACE.sub(lambda place: self._filled(place, params), wording)

    def _form(self, message: Message, params: Params) -> int:
        count = params.get(message.counts) if message.counts else None
        chosen = self.plural_form(abs(count)) if isinstance(count, int) else len(message.forms) - 1
        return min(chosen, len(message.forms) - 1)

    def _filled(self, place: re.Match[str], params: Params) -> str:
        name = place[1]
        if name not in params:
            return place[0]
        value = params[name]
        if isinstance(value, int):
            number = format_decimal(value, locale=self.locale, numbering_system="default")
            return own_digits(number, self.locale)
        return value or ""


def own_digits(text: str, locale: Locale) -> str:
    """The text with its digits in those that the language writes."""
    return text.translate(_DIGITS.get(locale.default_numbering_system, {}))


def read_catalogue(source: Traversable, *, locale: str) -> Catalogue:
    """Parses a .po file. A plural message names the place that counts in its `msgid_plural`, like `{min}`.

    Raises ValueError or PoFileError where the file is not what it should be: it is part of the program.
    """
    with source.open("rb") as stream:
        parsed = read_po(stream, locale=locale, abort_invalid=True)
    messages = {}
    for entry in parsed:
        if not entry.id or entry.fuzzy:
            continue
        if isinstance(entry.id, str):
            messages[entry.id] = Message((cast("str", entry.string),))
            continue
        key, counting = entry.id
        place = _PLACE.fullmatch(counting)
        if place is None:
            raise ValueError(f"the plural of {key} in {locale} names no place: {counting!r}")
        messages[key] = Message(tuple(cast("tuple[str, ...]", entry.string)), counts=place[1])
    return Catalogue(locale=Locale.parse(locale), messages=messages, plural_form=c2py(parsed.plural_expr))
