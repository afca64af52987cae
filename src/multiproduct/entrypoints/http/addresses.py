"""Where a request comes from: the peer, or whom a configured number of proxies says it was."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from starlette.types import Scope

from multiproduct.application.throttling import network_of

_FORWARDED = b"x-forwarded-for"
_MAX_FORWARDED_CHARACTERS = 2_000


def client_ip(scope: Scope, *, trusted_proxies: int) -> str | None:
    """The client's address. With n trusted proxies it is the n-th entry of X-Forwarded-For from the right,
    which the outermost of them wrote; entries before that are anybody's claim. Where that entry is missing or
    no address, the peer's own is taken."""
    peer = scope.get("client")
    address = peer[0] if peer else None
    if trusted_proxies < 1:
        return address
    entry = forwarded_entry(scope["headers"], trusted_proxies)
    return entry if entry is not None else address


def forwarded_entry(headers: Iterable[tuple[bytes, bytes]], position: int) -> str | None:
    """The entry at a position from the right, over all X-Forwarded-For lines, if it is an address."""
    joined = b",".join(value for name, value in headers if name == _FORWARDED)
    # Cut on the left only: what counts stands on the right.
    entries = joined[-_MAX_FORWARDED_CHARACTERS:].decode("latin-1").split(",")
    return _plain_address(entries[-position]) if len(entries) >= position else None


def forwarded_network(last_line: bytes, headers: Iterable[tuple[bytes, bytes]], position: int) -> str | None:
    """What the limiter counts the client of `forwarded_entry` as, faster where the last X-Forwarded-For line
    holds the entry."""
    entries = last_line[-_MAX_FORWARDED_CHARACTERS:].rsplit(b",", position)
    if len(entries) >= position:
        return _network_of_entry(entries[-position])
    entry = forwarded_entry(headers, position)
    return None if entry is None else network_of(entry)


@lru_cache(maxsize=65_536)
def _network_of_entry(entry: bytes) -> str | None:
    address = _plain_address(entry.decode("latin-1"))
    return None if address is None else network_of(address)


@lru_cache(maxsize=65_536)
def _plain_address(text: str) -> str | None:
    """An address in its usual writing. Remembered, as reading one takes longer than all else around it."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def is_secure(scope: Scope, *, trusted_proxies: int) -> bool:
    """Whether the client speaks TLS, to us or to the proxy that stands before us. Of a WebSocket some proxies
    say `wss`."""
    if trusted_proxies > 0:
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                return value.rpartition(b",")[2].strip().lower() in (b"https", b"wss")
    return bool(scope.get("scheme") in ("https", "wss"))
