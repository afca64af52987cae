"""Where a text stops being JSON (RFC 8259), and what should stand there instead."""

import re
from dataclasses import dataclass
from enum import StrEnum

_BLANK = re.compile(r"[ \t\n\r]*")
_STRING_BODY = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_PLAIN = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

MAX_SCANNED_BYTES = 16_384
"""What a longer document lacks is not looked for: a scan takes about a microsecond a byte."""


class Expected(StrEnum):
    """What should stand at the place. Public: programs may decide by it."""

    VALUE = "value"
    NAME = "name"
    COLON = "colon"
    COMMA_OR_BRACE = "comma_or_brace"
    COMMA_OR_BRACKET = "comma_or_bracket"
    CLOSING_QUOTE = "closing_quote"
    ESCAPE = "escape"
    """A backslash begins no escape of JSON, or a control character is not escaped."""
    END = "end"
    UTF_8 = "utf_8"


@dataclass(frozen=True, slots=True)
class Break:
    """The place, counted from 1 in characters, and what was expected there."""

    line: int
    column: int
    expected: Expected


def break_of(raw: bytes) -> Break | None:
    """The first place that is not JSON in UTF-8, or None where all of it is, or where it is too long to scan.

    One pass without recursion; nothing of the text is in the answer.
    """
    if len(raw) > MAX_SCANNED_BYTES:
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _at(raw[: error.start].decode("utf-8"), error.start, Expected.UTF_8)
    return _Scan(text).run()


def _at(text: str, position: int, expected: Expected) -> Break:
    before = text[:position]
    return Break(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, expected)


class _Scan:
    """A stack of the closing marks that are owed, and what may come next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._owed: list[str] = []
        self._next = Expected.VALUE
        self._may_close = False

    def run(self) -> Break | None:
        while True:
            self._skip(_BLANK)
            mark = self._text[self._position : self._position + 1]
            if not mark:
                return None if self._next is Expected.END else self._broken(self._next)
            if self._closes(mark):
                self._position += 1
                self._owed.pop()
                self._has_value()
            elif (broken := self._take(mark)) is not None:
                return broken

    def _closes(self, mark: str) -> bool:
        return self._may_close and bool(self._owed) and mark == self._owed[-1]

    def _take(self, mark: str) -> Break | None:
        match self._next:
            case Expected.VALUE:
                return self._value(mark)
            case Expected.NAME if mark == '"':
                broken = self._string()
                self._next, self._may_close = Expected.COLON, False
                return broken
            case Expected.COLON if mark == ":":
                self._position += 1
                self._next = Expected.VALUE
            case Expected.COMMA_OR_BRACE | Expected.COMMA_OR_BRACKET if mark == ",":
                self._position += 1
                in_object = self._next is Expected.COMMA_OR_BRACE
                self._next, self._may_close = (Expected.NAME if in_object else Expected.VALUE), False
            case _:
                return self._broken(self._next)
        return None

    def _value(self, mark: str) -> Break | None:
        if mark in "{[":
            self._position += 1
            self._owed.append("}" if mark == "{" else "]")
            self._next, self._may_close = (Expected.NAME if mark == "{" else Expected.VALUE), True
            return None
        if mark == '"':
            broken = self._string()
        else:
            broken = None if self._skip(_PLAIN) else self._broken(Expected.VALUE)
        self._has_value()
        return broken

    def _string(self) -> Break | None:
        self._skip(_STRING_BODY)
        mark = self._text[self._position : self._position + 1]
        if mark == '"':
            self._position += 1
            return None
        return self._broken(Expected.ESCAPE if mark else Expected.CLOSING_QUOTE)

    def _has_value(self) -> None:
        self._may_close = bool(self._owed)
        if not self._owed:
            self._next = Expected.END
        else:
            self._next = Expected.COMMA_OR_BRACE if self._owed[-1] == "}" else Expected.COMMA_OR_BRACKET

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._position)
        if found is None:
            return False
        self._position = found.end()
        return True

    def _broken(self, expected: Expected) -> Break:
        return _at(self._text, self._position, expected)
