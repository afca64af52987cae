"""Language lookup written a second time, slowly, from the text of RFC 4647 and RFC 9110, to compare with."""

import re
from decimal import Decimal


def best_locale(header: str, available: list[str]) -> str:
    """The first of `available` is the default."""
    wanted = _elements(header)
    refused = {locale for locale in available if _is_refused(locale, wanted)}
    # A stable selection instead of a sort: take the highest quality left, the earliest among equals.
    left = list(enumerate(wanted))
    while left:
        position, (subtags, quality) = max(left, key=lambda each: (each[1][1], -each[0]))
        left = [each for each in left if each[0] != position]
        if quality == 0 or subtags == ["*"]:
            continue
        while subtags:
            for locale in available:
                if locale not in refused and locale.lower().split("-") == subtags:
                    return locale
            subtags = subtags[:-1]
            if subtags and len(subtags[-1]) == 1:
                subtags = subtags[:-1]
    welcome = any(subtags == ["*"] and quality > 0 for subtags, quality in wanted)
    if available[0] in refused and welcome:
        return next((locale for locale in available if locale not in refused), available[0])
    return available[0]


def _elements(header: str) -> list[tuple[list[str], Decimal]]:
    if len(header) > 1000:
        whole = header[:1000]
        header = whole[: whole.rindex(",")] if "," in whole else ""
    elements = []
    for element in header.split(",")[:20]:
        matched = re.match(
            r"^[ \t]*(?P<range>\*|[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*)[ \t]*"
            r"(;[ \t]*[qQ][ \t]*=[ \t]*(?P<q>0(\.\d{0,3})?|1(\.0{0,3})?)[ \t]*)?$",
            element,
            re.ASCII,
        )
        if matched and not element.endswith("\n"):
            subtags = matched["range"].lower().split("-")
            if subtags[0] == "zh" and subtags[1:2] in (["tw"], ["hk"], ["mo"]):
                subtags.insert(1, "hant")
            elements.append((subtags, Decimal(matched["q"] or "1")))
    return elements


def _is_refused(locale: str, wanted: list[tuple[list[str], Decimal]]) -> bool:
    own = locale.lower().split("-")
    for length in range(len(own), 0, -1):
        qualities = [quality for subtags, quality in wanted if subtags == own[:length]]
        if qualities:
            return Decimal(0) in qualities
    return False
