"""Noticing a sign-in from where the person was not lately."""

import ipaddress
from datetime import timedelta

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import NewDeviceUsed, SignedIn
from multiproduct.domain.identity.devices import Device, device_of

LATELY = timedelta(days=90)
"""Sessions are kept that long after they are over, so that none of this time is forgotten."""
_MOST_CIRCUMSTANCES = 1_000
_IPV4_BITS, _IPV6_BITS = 16, 32


def neighbourhood_of(ip: str | None) -> str | None:
    """The network that an address is about in: a provider hands its customers another address of the same
    /16 (IPv6: /32) every few days, and a person who stays at home is told nothing then."""
    if ip is None:
        return None
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, _IPV6_BITS), strict=False))
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, _IPV4_BITS), strict=False))


async def notice_new_device(unit: IdentityUnit, event: SignedIn) -> None:
    """Records that the device or its network is a new one; the first sign-in of all is not."""
    if event.is_first:
        return
    session = await unit.sessions.hold(event.session_id)
    if session is None:
        return
    known = await unit.sessions.used_before(
        event.user_id, since=event.occurred_at - LATELY, besides=session.id, limit=_MOST_CIRCUMSTANCES
    )
    here = _circumstances(session.user_agent, session.ip)
    if here not in {_circumstances(user_agent, ip) for user_agent, ip in known}:
        unit.record(
            NewDeviceUsed(occurred_at=event.occurred_at, session_id=session.id, user_id=event.user_id)
        )


def _circumstances(user_agent: str | None, ip: str | None) -> tuple[Device, str | None]:
    return device_of(user_agent), neighbourhood_of(ip)
