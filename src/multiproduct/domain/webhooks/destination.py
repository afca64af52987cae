"""Where a webhook goes: what of an address is accepted, and which addresses a connection may be made to."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.webhooks.addresses import (
    Address,
    Network,
    is_public,
    is_within,
    parse_address,
)

MAX_URL = 2_048
# The signs of RFC 3986 but for those that programs read in different ways: no backslash, no space, no quote.
_is_plain = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+").fullmatch
_is_label = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)").fullmatch
_is_number = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)").fullmatch
_LOOPBACK_NAME = "localhost"
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A receiver's address, taken apart. `host` is in lower case; IPv6 stands without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def names_loopback(self) -> bool:
        """Whether it says itself that it is this machine."""
        address = parse_address(self.host)
        return self.host == _LOOPBACK_NAME if address is None else address.is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPolicy:
    """What may be called. `allows_loopback` is for development: addresses that name this machine themselves,
    also by plain http and at any port; a name that only resolves to it stays refused.

    `permitted` are networks beside the public ones, `denied` are exceptions from both.
    """

    ports: frozenset[int] = frozenset({443, 8443})
    allows_loopback: bool = False
    permitted: tuple[Network, ...] = field(default=())
    denied: tuple[Network, ...] = field(default=())

    def read(self, url: str) -> Destination:
        """Takes an address apart. Raises InvalidInput for what is never called."""
        destination = _split(url)
        is_own = self.allows_loopback and destination.names_loopback
        if destination.scheme != "https" and not is_own:
            raise _refused("url_not_https")
        if destination.port not in self.ports and not is_own:
            raise _refused("url_port")
        address = parse_address(destination.host)
        if address is not None and not self.admits(address, destination.host):
            raise _refused("url_not_public")
        if address is None and destination.host == _LOOPBACK_NAME and not is_own:
            raise _refused("url_not_public")
        return destination

    @staticmethod
    def host_of(url: str) -> str:
        """The host of an address, for people to read. Raises InvalidInput."""
        return _split(url).host

    def admits(self, address: Address, host: str) -> bool:
        """Whether a connection for that host may be made to that address."""
        if is_within(address, self.denied):
            return False
        if self.allows_loopback and address.is_loopback:
            named = parse_address(host)
            return host == _LOOPBACK_NAME or (named is not None and named.is_loopback)
        return is_public(address) or is_within(address, self.permitted)


def _split(url: str) -> Destination:
    if len(url) > MAX_URL or not _is_plain(url):
        raise _refused("url_malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("url_malformed") from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _PORTS or not host or port == 0:
        raise _refused("url_malformed")
    if "@" in parts.netloc:
        raise _refused("url_credentials")
    if parts.fragment or "#" in url or not _is_host(host, parts.netloc):
        raise _refused("url_malformed")
    return Destination(url=url, scheme=scheme, host=host, port=port or _PORTS[scheme])


def _is_host(host: str, netloc: str) -> bool:
    """An address in its usual form, or a name. A name whose last label is a number would be read as an
    address by some programs (`127.1`, `0x7f000001`), and by others not."""
    address = parse_address(host)
    if address is not None:
        return (address.version == 6) == netloc.startswith("[") and "%" not in host
    labels = host.split(".")
    if netloc.startswith("["):
        return False
    return len(host) <= 253 and all(map(_is_label, labels)) and not _is_number(labels[-1])


def _refused(code: str) -> InvalidInput:
    return InvalidInput(FieldProblem("url", code))
