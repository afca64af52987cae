"""Which limits hold for which activity, and asking the limiter for them."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from multiproduct.application.caller import Caller
from multiproduct.application.ports.rate_limiter import Claim, Limit, RateLimiter, Standing, Window
from multiproduct.domain.shared import TooManyRequests

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
UNLIMITED_QUOTA = 1_000_000_000
"""Per minute: what every limit is in the profile for load tests."""


class Profile(StrEnum):
    """Sets of default quotas, named after the source systems that they come from."""

    MULTIPRODUCT = "multiproduct"
    FLUXUS = "fluxus"
    UNLIMITED = "unlimited"


class By(StrEnum):
    """Whom a limit counts."""

    CLIENT = "client"
    """The signed-in user, else the address."""
    ADDRESS = "address"
    ADDRESS_AND_SUBJECT = "address_and_subject"
    """The address, and what the request is about: an e-mail address, a telephone number, a user name. Never
    the latter alone: a stranger could use up the quota of its owner."""
    SUBJECT = "subject"
    """What the request is about, whoever asks. Only for what costs its owner more than waiting would: short
    messages, which the telephone rings for and somebody pays for."""
    EVERYBODY = "everybody"
    """All callers together."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit of a scope."""

    limit: Limit
    by: By


@dataclass(frozen=True, slots=True)
class Scope:
    """The limits of one kind of activity. People who are signed in may have others than those who are not."""

    name: str
    anonymous: tuple[Rule, ...]
    signed_in: tuple[Rule, ...]


def _same(name: str, *rules: Rule) -> Scope:
    return Scope(name, rules, rules)


def _rule(name: str, quota: int, seconds: int, by: By, window: Window = Window.ROLLING) -> Rule:
    return Rule(Limit(name, quota, seconds, window), by)


TEXTS_A_DAY = 10_000
"""Short messages to everybody together in a UTC day, where the installation does not say otherwise."""

USERNAME_CHECK = Limit("username_check", 100, _MINUTE)

_OWN_SCOPES = (
    _same("username_check", Rule(USERNAME_CHECK, By.CLIENT)),
    _same(
        "sign_up",
        _rule("sign_up_minute", 30, _MINUTE, By.ADDRESS),
        _rule("sign_up_hour", 200, _HOUR, By.ADDRESS),
        _rule("sign_up_pair", 20, _DAY, By.ADDRESS_AND_SUBJECT),
    ),
    _same(
        "code_request",
        _rule("code_request_minute", 30, _MINUTE, By.ADDRESS),
        _rule("code_request_hour", 200, _HOUR, By.ADDRESS),
        _rule("code_request_pair", 20, _DAY, By.ADDRESS_AND_SUBJECT),
    ),
    _same("code_check", _rule("code_check_minute", 60, _MINUTE, By.ADDRESS)),
    _same(
        "sign_in",
        _rule("sign_in_minute", 60, _MINUTE, By.ADDRESS),
        _rule("sign_in_pair", 30, 5 * _MINUTE, By.ADDRESS_AND_SUBJECT),
    ),
    _same("ceremony", _rule("ceremony_minute", 120, _MINUTE, By.ADDRESS)),
    _same("social", _rule("social_minute", 60, _MINUTE, By.ADDRESS)),
    _same("step_up", _rule("step_up_pair", 10, 5 * _MINUTE, By.CLIENT)),
    _same("token", _rule("token_minute", 600, _MINUTE, By.ADDRESS)),
    _same(
        "password_change",
        _rule("password_change_minute", 10, _MINUTE, By.CLIENT),
        _rule("password_change_hour", 30, _HOUR, By.CLIENT),
    ),
    _same(
        "contact_change",
        _rule("contact_change_hour", 10, _HOUR, By.CLIENT),
        _rule("contact_change_pair", 10, _DAY, By.ADDRESS_AND_SUBJECT),
    ),
    _same(
        "upload",
        _rule("upload_minute", 20, _MINUTE, By.CLIENT),
        _rule("upload_hour", 100, _HOUR, By.CLIENT),
    ),
    _same(
        "invitation",
        _rule("invitation_hour", 500, _HOUR, By.CLIENT),
        _rule("invitation_address", 10, _DAY, By.SUBJECT),
    ),
    _same("refusal", _rule("refusal_minute", 30, _MINUTE, By.CLIENT)),
    _same("data_export", _rule("data_export_hour", 10, _HOUR, By.CLIENT)),
    _same("catalog_reads", _rule("catalog_reads_minute", 600, _MINUTE, By.CLIENT)),
    _same("live_stream", _rule("live_stream_minute", 300, _MINUTE, By.ADDRESS)),
    _same("open", _rule("open_minute", 6000, _MINUTE, By.CLIENT)),
)
"""Scopes that replace the default quota, alike in every profile."""

_DEFAULTS = {
    Profile.MULTIPRODUCT: Scope(
        "default",
        (_rule("anon", 100, _DAY, By.ADDRESS, Window.UTC_DAY),),
        (_rule("user", 1000, _DAY, By.CLIENT, Window.UTC_DAY),),
    ),
    Profile.FLUXUS: _same(
        "default",
        _rule("minute", 60, _MINUTE, By.CLIENT),
        _rule("hour", 1000, _HOUR, By.CLIENT),
    ),
}


def scopes_of(profile: Profile, *, texts_a_day: int = TEXTS_A_DAY) -> dict[str, Scope]:
    """Every scope of a profile by name. `unlimited` is `multiproduct` with every quota at 10^9 a minute."""
    default = _DEFAULTS[Profile.MULTIPRODUCT if profile is Profile.UNLIMITED else profile]
    scopes = {scope.name: scope for scope in (*_OWN_SCOPES, _texts(texts_a_day), default)}
    if profile is not Profile.UNLIMITED:
        return scopes
    return {
        name: Scope(name, _unlimited(scope.anonymous), _unlimited(scope.signed_in))
        for name, scope in scopes.items()
    }


def _texts(a_day: int) -> Scope:
    """Short messages cost money and ring somebody's telephone, whoever asked for them."""
    return _same(
        "text_message",
        _rule("text_number", 10, _DAY, By.SUBJECT),
        _rule("text_address", 100, _DAY, By.ADDRESS),
        _rule("text_everybody", a_day, _DAY, By.EVERYBODY, Window.UTC_DAY),
    )


def _unlimited(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(
        replace(
            rule,
            limit=replace(rule.limit, quota=UNLIMITED_QUOTA, seconds=_MINUTE, window=Window.ROLLING),
        )
        for rule in rules
    )


@lru_cache(maxsize=65_536)
def network_of(ip: str) -> str:
    """What an address is counted as: itself for IPv4, its /64 for IPv6 (one household or host has a whole
    one), the IPv4 address for a mapped one. A text that is no address stands for itself."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)


class Throttle:
    """Admits an activity within the limits of its scope, or raises TooManyRequests.

    A caller without an address (a program that embeds the library) is not counted by address.
    """

    def __init__(self, *, limiter: RateLimiter, scopes: Mapping[str, Scope]) -> None:
        self._limiter = limiter
        self._scopes = scopes

    async def admit(self, scope_name: str, caller: Caller, *, subject: str | None = None) -> None:
        """Takes one from every limit of the scope. What the limiter said is added to `caller.standings`."""
        scope = self._scopes[scope_name]
        signed_in = caller.principal.user_id is not None
        rules = scope.signed_in if signed_in else scope.anonymous
        claims = [
            Claim(rule.limit, key) for rule in rules if (key := _key(rule.by, caller, subject)) is not None
        ]
        if not claims or caller.principal.is_system:
            return
        standings = await self._limiter.take(claims)
        if caller.standings is not None:
            caller.standings.extend(standings)
        refused = [standing for standing in standings if not standing.admitted]
        if refused:
            raise TooManyRequests(
                scope=scope.name, retry_after=max(1, *(standing.reset for standing in refused))
            )

    def rule(self, scope_name: str) -> Rule:
        """The first rule of a scope, for a lane that asks the limiter by itself."""
        return self._scopes[scope_name].anonymous[0]

    def policies(self) -> list[Limit]:
        """Every limit there is, for documentation."""
        rules = {
            rule.limit for scope in self._scopes.values() for rule in (*scope.anonymous, *scope.signed_in)
        }
        return sorted(rules, key=lambda limit: limit.name)


def _key(by: By, caller: Caller, subject: str | None) -> str | None:
    network = network_of(caller.ip) if caller.ip else None
    if by is By.EVERYBODY:
        return "everybody"
    if by is By.SUBJECT:
        return subject
    if by is By.ADDRESS_AND_SUBJECT:
        return f"{network}|{subject}" if network and subject else None
    if by is By.CLIENT and caller.principal.user_id is not None:
        return f"user:{caller.principal.user_id}"
    return network


__all__ = [
    "TEXTS_A_DAY",
    "UNLIMITED_QUOTA",
    "USERNAME_CHECK",
    "By",
    "Profile",
    "Rule",
    "Scope",
    "Standing",
    "Throttle",
    "network_of",
    "scopes_of",
]
