"""Throttling: which limits hold for whom, and what a caller is told of them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.owing import HandTime

from multiproduct.adapters.contracts.builders import a_user_id
from multiproduct.adapters.memory import MemoryRateLimiter
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.ports.rate_limiter import Claim, Limit, Standing, Window
from multiproduct.application.throttling import (
    UNLIMITED_QUOTA,
    By,
    Profile,
    Rule,
    Scope,
    Throttle,
    network_of,
    scopes_of,
)
from multiproduct.domain.shared import TooManyRequests

MINUTE, HOUR, DAY = 60, 3600, 86400
USER_ID = a_user_id()
SIGNED_IN = Principal(user_id=USER_ID)


class Listening:
    """The memory limiter; notes what it is asked."""

    def __init__(self, real_time: HandTime) -> None:
        self._real = MemoryRateLimiter(real_time=real_time)
        self.asked: list[Claim] = []

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        self.asked += claims
        return await self._real.take(claims)

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        return await self._real.peek(claims)


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def limiter(time) -> Listening:
    return Listening(time)


def a_throttle(limiter, *, quota=3, by=By.CLIENT) -> Throttle:
    rules = (Rule(Limit("short", quota, MINUTE), by), Rule(Limit("long", 2 * quota, HOUR), by))
    return Throttle(limiter=limiter, scopes={"open": Scope("open", rules, rules)})


@pytest.mark.parametrize(
    ("ip", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::"),
        ("2001:0db8:0001:0002:0000:0000:0000:0001", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", "unix"),
    ],
)
def test_an_address_is_counted_with_its_household(ip, counted_as):
    assert network_of(ip) == counted_as


@pytest.mark.parametrize(
    ("by", "caller", "key"),
    [
        (By.CLIENT, Caller(ip="192.0.2.1"), "192.0.2.1"),
        (By.CLIENT, Caller(ip="192.0.2.1", principal=SIGNED_IN), f"user:{USER_ID}"),
        (By.CLIENT, Caller(principal=SIGNED_IN), f"user:{USER_ID}"),
        (By.ADDRESS, Caller(ip="2001:db8::9", principal=SIGNED_IN), "2001:db8::"),
        (By.ADDRESS_AND_SUBJECT, Caller(ip="::ffff:192.0.2.1"), "192.0.2.1|tony"),
    ],
    ids=["client", "person", "person-without-address", "address", "address-and-subject"],
)
async def test_a_limit_counts_whom_it_is_for(limiter, by, caller, key):
    await a_throttle(limiter, by=by).admit("open", caller, subject="tony")
    assert {claim.key for claim in limiter.asked} == {key}


@pytest.mark.parametrize(
    ("by", "caller", "subject"),
    [
        (By.ADDRESS, ANYBODY, "tony"),
        (By.CLIENT, ANYBODY, None),
        (By.ADDRESS_AND_SUBJECT, ANYBODY, "tony"),
        (By.ADDRESS_AND_SUBJECT, Caller(ip="192.0.2.1"), None),
    ],
)
async def test_what_is_not_known_is_not_counted(limiter, by, caller, subject):
    throttle = a_throttle(limiter, quota=1, by=by)
    for _ in range(3):
        await throttle.admit("open", caller, subject=subject)
    assert limiter.asked == []


async def test_the_system_is_never_limited(limiter):
    throttle = a_throttle(limiter, quota=1, by=By.ADDRESS)
    for _ in range(3):
        await throttle.admit("open", replace(SYSTEM, ip="192.0.2.1"))
    assert limiter.asked == []


async def test_a_caller_over_the_quota_is_told_how_long_to_wait(limiter, time):
    throttle, caller = a_throttle(limiter), Caller(ip="192.0.2.1")
    for _ in range(3):
        await throttle.admit("open", caller)
        time.pass_by(seconds=10)
    with pytest.raises(TooManyRequests) as refusal:
        await throttle.admit("open", caller)
    assert refusal.value.params == {"scope": "open", "retry_after": 30}
    time.pass_by(seconds=30)
    await throttle.admit("open", caller)


async def test_the_longest_wait_of_all_limits_is_told(limiter, time):
    throttle, caller = a_throttle(limiter), Caller(ip="192.0.2.1")
    for _ in range(6):
        await throttle.admit("open", caller)
        time.pass_by(seconds=20)
    with pytest.raises(TooManyRequests) as refusal:
        await throttle.admit("open", caller)
    assert refusal.value.retry_after == HOUR - 120


async def test_a_refused_call_costs_nothing(limiter, time):
    throttle, caller = a_throttle(limiter), Caller(ip="192.0.2.1")
    for _ in range(3):
        await throttle.admit("open", caller)
    for _ in range(50):
        with pytest.raises(TooManyRequests):
            await throttle.admit("open", caller)
    time.pass_by(seconds=MINUTE)
    await throttle.admit("open", caller)


async def test_a_caller_that_wants_them_is_given_the_standings_also_of_a_refusal(limiter):
    throttle, caller = a_throttle(limiter, quota=1), Caller(ip="192.0.2.1", standings=[])
    await throttle.admit("open", caller)
    assert [(each.limit.name, each.admitted, each.remaining) for each in caller.standings] == [
        ("short", True, 0),
        ("long", True, 1),
    ]
    with pytest.raises(TooManyRequests):
        await throttle.admit("open", caller)
    assert [each.admitted for each in caller.standings[2:]] == [False, True]


def _default(profile: Profile) -> tuple[list[Limit], list[Limit]]:
    scope = scopes_of(profile)["default"]
    return [rule.limit for rule in scope.anonymous], [rule.limit for rule in scope.signed_in]


def test_the_profiles_differ_in_their_default():
    anonymous, signed_in = _default(Profile.MULTIPRODUCT)
    assert anonymous == [Limit("anon", 100, DAY, Window.UTC_DAY)]
    assert signed_in == [Limit("user", 1000, DAY, Window.UTC_DAY)]
    both = [Limit("minute", 60, MINUTE), Limit("hour", 1000, HOUR)]
    assert _default(Profile.FLUXUS) == (both, both)


def test_the_scopes_of_their_own_are_alike_in_both_profiles():
    ours, theirs = scopes_of(Profile.MULTIPRODUCT), scopes_of(Profile.FLUXUS)
    assert ours.keys() == theirs.keys() == scopes_of(Profile.UNLIMITED).keys()
    assert {name for name in ours if ours[name] != theirs[name]} == {"default"}


def test_nothing_is_limited_in_the_profile_for_load_tests():
    for scope in scopes_of(Profile.UNLIMITED).values():
        for rule in (*scope.anonymous, *scope.signed_in):
            assert (rule.limit.quota, rule.limit.seconds) == (UNLIMITED_QUOTA, MINUTE)
            assert rule.limit.window is Window.ROLLING


@pytest.mark.parametrize("profile", Profile)
def test_a_name_stands_for_one_quota(profile, limiter):
    limits = Throttle(limiter=limiter, scopes=scopes_of(profile)).policies()
    names = [limit.name for limit in limits]
    assert names == sorted(set(names))
    assert all(name.isascii() and name.replace("_", "").isalpha() for name in names)


@pytest.mark.parametrize("profile", Profile)
def test_every_scope_goes_by_its_own_name_and_has_limits_for_everybody(profile):
    for name, scope in scopes_of(profile).items():
        assert scope.name == name
        assert scope.anonymous
        assert scope.signed_in
