"""Canaries: secrets of a run that may lie nowhere but with their owners, and the search for them."""

import base64
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

_MAC_BYTES = 16
_LEAST_BYTES = 10
"""A shorter value stands in random data by chance."""
_AROUND = 40
_DIGITS = frozenset(b"0123456789")
# What a code of six digits may be a part of without being one: a longer number, an id, a moment, an amount.
_BEFORE, _AFTER = rb"(?<![0-9A-Za-z_%-])(?<![0-9][.,:])", rb"(?![0-9A-Za-z_%-]|[.,:][0-9])"


@dataclass(frozen=True)
class Canary:
    """`is_short`: only a few digits, to be looked for as whole words."""

    name: str
    value: bytes = field(repr=False)
    is_short: bool = False


@dataclass(frozen=True)
class Sink:
    """What somebody who should not know secrets could read: a dump, a log, a stream of commands."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Finding:
    """A canary where it must not be."""

    canary: str
    form: str
    sink: str
    around: bytes

    def __str__(self) -> str:
        return f"{self.canary}, {self.form}, in {self.sink}: {self.around!r}"


class Canaries:
    """Collects secrets as a run makes and meets them."""

    def __init__(self) -> None:
        self._held: dict[tuple[bytes, bool], Canary] = {}

    def __iter__(self) -> Iterator[Canary]:
        return iter(self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    @property
    def names(self) -> set[str]:
        return {canary.name for canary in self}

    def add(self, name: str, value: str | bytes) -> None:
        """Any secret of ten characters or more."""
        raw = value.encode() if isinstance(value, str) else value
        assert len(raw) >= _LEAST_BYTES, f"{name} is too short to be told from chance"
        self._held.setdefault((raw, False), Canary(name, raw))

    def password(self, name: str) -> str:
        """Something to type: a core that no other text has, and characters that encodings change."""
        core = f"canary{secrets.token_hex(8)}"
        self.add(name, core)
        return f"{core} über/&+"

    def add_code(self, name: str, code: str) -> None:
        """Digits; looked for as a whole word if they are fewer than ten."""
        raw = code.encode()
        assert set(raw) <= _DIGITS
        is_short = len(raw) < _LEAST_BYTES
        self._held.setdefault((raw, is_short), Canary(name, raw, is_short))

    def add_token(self, name: str, token: str) -> None:
        """A token in base64: its text, its bytes, and the MAC at their end, since the ids before it are no
        secret. Of a JWT: the whole, and the signature."""
        self.add(name, token)
        last = token.rpartition(".")[2]
        raw = unpadded(last)
        self.add(f"{name} (bytes)", raw)
        if len(raw) > _MAC_BYTES:
            self.add(f"{name} (MAC)", raw[-_MAC_BYTES:])
        if last != token:
            self.add(f"{name} (signature)", last)


def unpadded(text: str) -> bytes:
    """The bytes of URL-safe base64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forms(canary: Canary) -> dict[str, bytes]:
    """How a value may lie somewhere."""
    value = canary.value
    found = {"plain": value, "hex": value.hex().encode(), "HEX": value.hex().upper().encode()}
    found |= {
        "reversed": value[::-1],
        "reversed hex": value[::-1].hex().encode(),
        "reversed HEX": value[::-1].hex().upper().encode(),
        "base32": base64.b32encode(value).rstrip(b"="),
    }
    found |= {f"base64 {name}": form for name, form in _base64_forms(value).items()}
    try:
        text = value.decode()
    except UnicodeDecodeError:
        found["URL-encoded"] = quote(value).encode()
        found["escaped"] = repr(value)[2:-1].encode()
        return found
    return found | {
        "URL-encoded": quote(text, safe="").encode(),
        "form-encoded": quote_plus(text).encode(),
        "JSON": json.dumps(text)[1:-1].encode(),
        "upper case": text.upper().encode(),
        "lower case": text.lower().encode(),
    }


def _base64_forms(value: bytes) -> dict[str, bytes]:
    """The three ways the value may lie in a longer one that is encoded, without the characters at the ends
    that depend on what is beside it; in both alphabets."""
    made = {}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + value)
        whole = encoded[-(-shift * 8 // 6) :]
        kept = whole.rstrip(b"=")
        if (shift + len(value)) % 3:
            kept = kept[:-1]
        made[f"at {shift}"] = kept
        made[f"at {shift}, URL-safe"] = kept.translate(bytes.maketrans(b"+/", b"-_"))
    return made


def findings(canaries: Iterable[Canary], sinks: Iterable[Sink]) -> list[Finding]:
    """Every canary in every sink, once for each form."""
    wanted = [(canary, form, sought) for canary in canaries for form, sought in _distinct(canary)]
    return [
        Finding(canary.name, form, sink.name, sink.content[max(0, at - _AROUND) : at + 2 * _AROUND])
        for sink in sinks
        for canary, form, sought in wanted
        if (at := _place(canary, sought, sink.content)) is not None
    ]


def _distinct(canary: Canary) -> Iterator[tuple[str, bytes]]:
    if canary.is_short:
        yield from _short_forms(canary.value).items()
        return
    seen: set[bytes] = set()
    for form, sought in forms(canary).items():
        if sought not in seen:
            seen.add(sought)
            yield form, sought


def _short_forms(value: bytes) -> dict[str, bytes]:
    return {
        "plain": value,
        "quoted in a URL": b"%22" + value + b"%22",
        "hex": value.hex().encode(),
        "base64": base64.b64encode(value).rstrip(b"="),
    }


def _place(canary: Canary, sought: bytes, content: bytes) -> int | None:
    if not canary.is_short:
        at = content.find(sought)
        return None if at < 0 else at
    if sought not in content:
        return None
    if sought.startswith(b"%"):
        return content.find(sought)
    found = re.search(_BEFORE + re.escape(sought) + _AFTER, content)
    return None if found is None else found.start()
