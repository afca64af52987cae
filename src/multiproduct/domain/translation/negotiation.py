"""Which of the locales there are suits a person best: what they wished for, what they set, what their program
says it reads (RFC 4647 lookup over an Accept-Language header), else the default.

Pure and quick, because every request passes here. Babel's `negotiate_locale` knows neither quality values nor
scripts, so it has no part in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_HEADER_CHARACTERS = 1_000
MAX_RANGES = 20
MAX_TAG_CHARACTERS = 85
"""The longest registered tag is far shorter (RFC 5646, 4.4.1, allows for 35)."""

_RANGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*")
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")

# Regions that write Chinese in the traditional script: their tags seldom say so themselves.
_IMPLIED_SCRIPTS = {"zh-tw": "zh-hant-tw", "zh-hk": "zh-hant-hk", "zh-mo": "zh-hant-mo"}


@dataclass(frozen=True, slots=True)
class LanguageRange:
    """One element of the header: a lower-case range, or `*`, and its quality in thousandths."""

    tag: str
    quality: int


def parse_accept_language(header: str) -> list[LanguageRange]:
    """The well-formed ranges of the header (RFC 9110, 12.5.4), best first, in their own order where equal,
    each once.

    Reads the first 1,000 characters and 20 elements; a malformed element is passed over.
    """
    if len(header) > MAX_HEADER_CHARACTERS:
        # The last element may be cut in two, and half a range can mean another language.
        header = header[:MAX_HEADER_CHARACTERS].rpartition(",")[0]
    ranges: dict[LanguageRange, None] = {}
    for element in header.split(",", MAX_RANGES)[:MAX_RANGES]:
        tag, separator, parameter = (part.strip(" \t") for part in element.partition(";"))
        quality = _quality(parameter) if separator else 1_000
        if quality is not None and _RANGE.fullmatch(tag):
            ranges[LanguageRange(_with_script(tag.lower()), quality)] = None
    return sorted(ranges, key=lambda each: -each.quality)


def lookup(tag: str, locales: Sequence[str]) -> str | None:
    """The locale that is `tag` or the longest truncation of it (RFC 4647, 3.4). `_` counts as `-`."""
    by_tag = {locale.lower(): locale for locale in locales}
    for candidate in _truncations(_with_script(tag[:MAX_TAG_CHARACTERS].replace("_", "-").lower())):
        if candidate in by_tag:
            return by_tag[candidate]
    return None


def negotiate(header: str, locales: Sequence[str]) -> str:
    """The best of `locales` (the first is the default) for the header.

    A range of quality 0 excludes the locales that begin with it, unless they begin with a longer, accepted
    range. `*` is skipped, as RFC 4647 has it, but says that any other language is welcome when the default
    is excluded.
    """
    ranges = parse_accept_language(header)
    accepted = [locale for locale in locales if not _is_excluded(locale.lower(), ranges)]
    for wanted in ranges:
        if wanted.quality and wanted.tag != "*" and (found := lookup(wanted.tag, accepted)):
            return found
    anything = any(each.tag == "*" and each.quality for each in ranges)
    if accepted and anything and locales[0] not in accepted:
        return accepted[0]
    return locales[0]


def _quality(parameter: str) -> int | None:
    name, separator, value = (part.strip(" \t") for part in parameter.partition("="))
    if not separator or name.lower() != "q" or not _QUALITY.fullmatch(value):
        return None
    return round(float(value) * 1_000)


def _with_script(tag: str) -> str:
    region = tag[:5]
    if region in _IMPLIED_SCRIPTS and tag[5:6] in ("", "-"):
        return _IMPLIED_SCRIPTS[region] + tag[5:]
    return tag


def _truncations(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
        if tag[-2:-1] == "-":  # a single letter introduces what was cut off, and goes with it
            tag = tag[:-2]


def _is_excluded(locale: str, ranges: Sequence[LanguageRange]) -> bool:
    naming = [each for each in ranges if f"{locale}-".startswith(f"{each.tag}-")]
    longest = max((len(each.tag) for each in naming), default=0)
    return any(not each.quality for each in naming if len(each.tag) == longest)
