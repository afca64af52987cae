"""Which network addresses webhooks may be sent to: those of the public Internet, and nothing else.

Source: the IANA registries of special-purpose addresses for IPv4 and IPv6, as of 2025-10-09, with RFC 6890.
"""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network; many systems take 0.0.0.0 for themselves
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' shared space; also metadata services of some clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; the metadata services of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that is handed out for global unicast. What embeds IPv4 (mapped, compatible, NAT64), loopback, unique
local, link-local and multicast lie outside of it."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4, which embeds IPv4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# RFC 5214, section 6.1: the interface identifiers that embed IPv4, with and without the universal bit.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def is_public(address: Address) -> bool:
    """Whether it is a unicast address of the public Internet that stands for no other one."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None or address not in _PUBLIC_6:
        return False
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(address in network for network in _NOT_PUBLIC_6)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether it lies in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)


def parse_address(text: str) -> Address | None:
    """The address that a text writes out in the usual form; None for a name, and for every other form."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
