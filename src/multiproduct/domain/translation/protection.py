"""Keeping out of a translator's hands what is not to be translated: placeholders, markup, addresses, amounts,
and terms that a glossary decides.

Each becomes an opaque tag, `<x id="0"></x>`, in a text that is otherwise HTML-escaped: tags are what machine
translators leave alone best (words that stand for something get mangled in Chinese and Japanese). What comes
back is believed only where every tag is there once and nothing else is markup.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from multiproduct.domain.translation.glossary import Glossary

MAX_TEXT = 5_000
"""Characters of a text that is translated. The bounds below keep looking through one linear."""

_MARKUP = r"<!--.{0,500}?-->|</?[A-Za-z][^<>]{0,1000}>|&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,31});"
_PLACES = (
    r"\{\{[^{}]{0,100}\}\}|\$\{[^{}]{0,100}\}|\{[^{}\s]{0,100}\}"
    r"|%\([A-Za-z_]\w{0,63}\)[-#0 +]{0,3}\d{0,3}(?:\.\d{1,3})?[diouxXeEfFgGcrsa](?!\w)"
    r"|%(?:\d{1,2}\$)?[sdifgex](?!\w)"
)
# Whoever shows a text may make a link of what looks like an address, also without a scheme.
_ADDRESSES = (
    r"""(?:https?|ftp|file|mailto|tel|data|javascript|vbscript):[^\s<>"'`]{1,2000}(?<![.,;:!?)])"""
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"""|(?<![\w@-])(?:[A-Za-z0-9-]{2,63}\.){1,8}[a-z]{2,24}(?!\w)(?:/[^\s<>"'`]{0,2000}(?<![.,;:!?)]))?"""
)
_AMOUNTS = (
    r"[$€£¥₹]\s?\d[\d.,]{0,20}(?<![.,])|(?<!\w)[A-Z]{3}\s\d[\d.,]{0,20}(?<![.,])"
    r"|(?<![\w.,])\d[\d.,]{0,20}\s?[A-Z]{3}(?!\w)"
)
_CODE = r"`[^`\n]{1,500}`"
_KEPT = re.compile(f"{_MARKUP}|{_PLACES}|{_ADDRESSES}|{_AMOUNTS}|{_CODE}", re.DOTALL)
_TAG = re.compile(
    r"""<\s{0,3}x\s{1,3}id\s{0,3}=\s{0,3}["']?([0-9]{1,4})["']?\s{0,3}(?:/\s{0,3}>|>\s{0,3}<\s{0,3}/\s{0,3}x\s{0,3}>)"""
)
_BEGINNING = re.compile(r"<(?=[A-Za-z/!?])")
# Both runs are possessive: else one that nothing ends is gone through once for each of its characters.
_ELEMENT = re.compile(r"<(/?)([A-Za-z][\w:-]*+)([^<>]*+)>")
# Wider than what is kept from a translator, where "end.Next" must stay words: no answer may bring it.
_REACHABLE = re.compile(
    r"""(?:(?i:[a-z][a-z0-9+.-]{1,20}):)?//[^\s<>"'`]{1,2000}"""
    r"""|(?<!\w)(?i:https?|ftp|file|mailto|tel|sms|data|javascript|vbscript):[^\s<>"'`]{1,2000}"""
    # Not what is numbered, nor what Spanish abbreviates by doubled letters: EE.UU., RR.HH.
    r"|(?<!\w)(?!\d{1,2}\.|([A-Z])\1\.([A-Z])\2(?!\w))(?:[\w-]{2,63}\.){1,8}[^\W\d_]{2,24}"
    r"|(?<![\w.])\w\.[^\W\d_]{2,24}/"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
)
_WITHOUT_END = frozenset({"br", "hr", "img", "wbr", "input", "area", "col", "embed", "link", "meta"})
_JOINERS = frozenset("\u200c\u200d\u200e\u200f")
"""Invisible, and part of how Persian, Kannada and Tamil are written."""


class NotKept(Exception):
    """A translation that is not used: the original is shown in its place. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A text as a translator gets it. `shown` is what each opaque tag becomes in the translation."""

    source: str
    before: str
    sent: str
    after: str
    format: Literal["text", "html"]
    shown: tuple[str, ...]
    has_words: bool
    """Whether anything is left to translate."""

    def restored(self, answer: str) -> str:
        """The translation, with everything in its place again. Raises NotKept where something is lost, there
        twice, or there that was not before."""
        if not answer.strip():
            raise NotKept("it is empty")
        if len(answer) > 4 * len(self.sent) + 200:
            raise NotKept("it is far longer than the original")
        wording = answer if self.format == "text" else self._filled(answer)
        # What is shown is what is looked at: in normal form, a mark can swallow the ">" that it comes after.
        whole = unicodedata.normalize("NFC", f"{self.before}{wording.strip()}{self.after}")
        require_same_marks(self.source, whole, added=self.shown)
        return whole

    def without_translator(self) -> str:
        """The translation of a text that holds nothing but what is protected."""
        wording = self.sent if self.format == "text" else self._filled(self.sent)
        return f"{self.before}{wording}{self.after}"

    def _filled(self, answer: str) -> str:
        pieces = _TAG.split(answer)
        numbers = [int(number) for number in pieces[1::2]]
        if sorted(numbers) != list(range(len(self.shown))):
            raise NotKept("an opaque tag is lost, or there twice")
        if any("<" in words for words in pieces[::2]):
            raise NotKept("there is markup that was not there")
        filled = [html.unescape(words) for words in pieces[::2]]
        for place, number in enumerate(numbers):
            filled[place] += self.shown[number]
        return "".join(filled)


def protect(source: str, glossary: Glossary) -> Protected:
    """Takes out what is not to be translated. Raises NotKept for a text over 5,000 characters."""
    if len(source) > MAX_TEXT:
        raise NotKept("it is too long to be translated")
    words = source.strip()
    start = source.index(words) if words else len(source)
    shown: list[str] = []
    sent: list[str] = []
    has_words = False
    for piece, replacement in _pieces(words, glossary):
        if replacement is None:
            sent.append(html.escape(piece, quote=False))
            has_words = has_words or any(character.isalpha() for character in piece)
        else:
            sent.append(f'<x id="{len(shown)}"></x>')
            shown.append(replacement)
    return Protected(
        source=source,
        before=source[:start],
        sent="".join(sent) if shown else words,
        after=source[start + len(words) :],
        format="html" if shown else "text",
        shown=tuple(shown),
        has_words=has_words,
    )


def require_same_marks(source: str, translation: str, *, added: tuple[str, ...] = ()) -> None:
    """Raises NotKept unless the translation has the placeholders, markup and addresses of the source, each as
    often, its elements as well nested, and no invisible characters that steer a terminal or the direction of
    text. `added` is what a glossary may have put in."""
    before = Counter(source)
    allowed = Counter("".join(added))
    for sign in "<>{}":
        if translation.count(sign) > max(before[sign], allowed[sign]):
            raise NotKept("there is markup that was not there")
    if len(_BEGINNING.findall(translation)) != len(_BEGINNING.findall(source)):
        # Of an element that nothing ends, which whoever shows the text may end by what follows it.
        raise NotKept("there is markup that was not there")
    if _marks(source) != _marks(translation):
        raise NotKept("placeholders or markup differ")
    if _reachable(translation) - _reachable(source).union(*map(_reachable, added)):
        raise NotKept("there is an address that was not there")
    if _is_nested(source) and not _is_nested(translation):
        raise NotKept("elements are not nested as they were")
    if _steering(translation) - _steering(source):
        raise NotKept("there are control characters that were not there")


def has_marks(text: str) -> bool:
    """Whether there is something that is kept out of a translator's hands."""
    return _KEPT.search(text) is not None


def _pieces(text: str, glossary: Glossary) -> Iterator[tuple[str, str | None]]:
    """The text in its order: what is to be translated with None, what is not with what it becomes."""
    end = 0
    for found in _KEPT.finditer(text):
        yield from glossary.pieces(text[end : found.start()])
        yield found[0], found[0]
        end = found.end()
    yield from glossary.pieces(text[end:])


def _marks(text: str) -> Counter[str]:
    return Counter(unicodedata.normalize("NFC", found[0]) for found in _KEPT.finditer(text))


def _reachable(text: str) -> set[str]:
    """What else looks like an address to a program that makes links of them, whatever its letter case."""
    return {found[0].casefold() for found in _REACHABLE.finditer(_KEPT.sub(" ", text))}


def _is_nested(text: str) -> bool:
    open_: list[str] = []
    for found in _ELEMENT.finditer(text):
        ends, name, closes_itself = found[1], found[2].lower(), found[3].endswith("/")
        if closes_itself or name in _WITHOUT_END:
            continue
        if not ends:
            open_.append(name)
        elif not open_ or open_.pop() != name:
            return False
    return not open_


def _steering(text: str) -> set[str]:
    return {
        character
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in _JOINERS
    }
