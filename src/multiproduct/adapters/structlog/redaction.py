"""Keeping secrets out of logs, should anybody ever pass one to a logger."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
_DEEPEST = 6

_is_secret_name = re.compile(
    r"(^|[_\-.])(password|passwd|otp|pin|token|secret|authorization|cookie|refresh|access|api_?key|pepper)"
    r"([_\-.](hash|key|value|header))?s?$|^secret",
    re.IGNORECASE,
).search
# What looks like a secret whatever it is called: a bearer header, a JWT, a URL with a password.
_SECRET_TEXT = re.compile(
    r"(?P<bearer>\b(?:bearer|basic)\s+)[a-z0-9._~+/=-]{8,}"
    r"|\beyJ[a-z0-9_-]{5,}\.[a-z0-9_-]+\.[a-z0-9_-]*"
    r"|(?P<login>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)",
    re.IGNORECASE,
)


def redact(logger: Any, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces what stands under names such as password, otp, token, secret,
    authorization, refresh and access, at any depth, and what has the form of a token or a URL's password."""
    del logger, method
    for name, value in entry.items():
        entry[name] = REDACTED if _is_secret_name(name) and value is not None else _clean(value, depth=0)
    return entry


def _clean(value: Any, *, depth: int) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_without_secret, value)
    if depth >= _DEEPEST:
        return value
    if isinstance(value, Mapping):
        return {
            name: REDACTED
            if _is_secret_name(str(name)) and item is not None
            else _clean(item, depth=depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_clean(item, depth=depth + 1) for item in value]
    return value


def _without_secret(found: re.Match[str]) -> str:
    return (found["bearer"] or found["login"] or "") + REDACTED
