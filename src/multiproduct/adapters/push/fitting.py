"""Cutting messages to the length that a provider takes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from multiproduct.application.notifications.push_ports import PushMessage

LIFETIME_SECONDS = 86_400
"""For a device that is off: what is older is old news, and stands in the inbox."""
_ELLIPSIS = "…"
_LONGEST_CHARACTER = 6
"""Bytes of one character in JSON."""


def fitted(message: PushMessage, encode: Callable[[PushMessage], bytes], *, most: int) -> bytes:
    """What `encode` makes of the message, with first the body cut, then data left out, then the title cut,
    until it has at most `most` bytes. Raises ValueError where the rest alone is longer."""
    steps: tuple[Callable[[PushMessage, int], PushMessage], ...] = (
        lambda each, over: replace(each, body=_shorter(each.body, over)),
        lambda each, _over: replace(each, data={}),
        lambda each, over: replace(each, title=_shorter(each.title, over)),
    )
    encoded = encode(message)
    for step in steps:
        while len(encoded) > most:
            shorter = step(message, len(encoded) - most)
            if shorter == message:
                break
            message, encoded = shorter, encode(shorter)
    if len(encoded) > most:
        raise ValueError(f"it has {len(encoded)} bytes without anything that can be cut")
    return encoded


def short_key(key: str, *, most: int) -> str:
    """A key of at most `most` characters (64 or fewer): itself, or a digest of it."""
    if len(key) <= most and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:most]


def _shorter(text: str, over: int) -> str:
    """A text that is shorter by at least one character, and by no more than it must be."""
    plain = text.removesuffix(_ELLIPSIS)
    kept = plain[: max(0, len(plain) - max(1, over // _LONGEST_CHARACTER))].rstrip()
    return f"{kept}{_ELLIPSIS}" if kept else ""
