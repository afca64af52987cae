"""A service that speaks as LibreTranslate does, and translates by a list of words; or does as tests say."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.servers.web import Answered, Asked, web_server

Rule = Callable[[Mapping[str, Any]], Answered]
WORDS: Mapping[str, str] = {"Gold": "Oro", "Silver": "Plata"}


def told(texts: Sequence[Any]) -> Answered:
    """An answer as the service writes it."""
    body = json.dumps({"translatedText": list(texts)}).encode()
    return Answered(200, body, {"content-type": "application/json"})


def by_words(asked: Mapping[str, Any]) -> Answered:
    """Words that it knows, with what is marked up left alone, as a translator of HTML does."""
    assert asked["format"] in ("text", "html")
    return told([_translated(text, is_html=asked["format"] == "html") for text in asked["q"]])


def in_capitals(asked: Mapping[str, Any]) -> Answered:
    """Everything but tags and entities in capitals, after the name of the language."""
    pieces = [re.split(r"(<[^>]*>|&[^;]*;)", text) for text in asked["q"]]
    loud = ["".join(each if n % 2 else each.upper() for n, each in enumerate(piece)) for piece in pieces]
    return told([f"{asked['target']}: {text}" for text in loud])


def _translated(text: str, *, is_html: bool) -> str:
    def words(piece: str) -> str:
        plain = html.unescape(piece) if is_html else piece
        changed = re.sub(r"\w+", lambda found: WORDS.get(found[0], found[0]), plain)
        return html.escape(changed, quote=False) if is_html else changed

    if not is_html:
        return words(text)
    return "".join(each if n % 2 else words(each) for n, each in enumerate(re.split(r"(<[^>]*>)", text)))


@dataclass
class Service:
    """Where it is, what it was asked, and what it answers by."""

    url: str = ""
    rule: Rule = by_words
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def libretranslate() -> Iterator[Service]:
    """The service, until the test is over."""
    service = Service()

    def answer(asked: Asked) -> Answered:
        if (asked.method, asked.path) != ("POST", "/translate"):
            return Answered(404)
        document = json.loads(asked.body)
        service.asked.append(document)
        service.headers.append(asked.headers)
        return service.rule(document)

    with web_server(answer) as url:
        service.url = url
        yield service
