"""Generated stories of calls to a rate limiter, with fixed seeds, that look for the edges of windows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.oracles.rate_log import DAY, SECOND, RateLog

from multiproduct.application.ports.rate_limiter import Claim, Limit, Standing, Window

BEGIN = 1_800_000_000 * SECOND


@dataclass(frozen=True)
class Step:
    """One call, when it is made, and what the brute-force log says to it."""

    now: int
    takes: bool
    claims: tuple[Claim, ...]
    expected: list[Standing]


def small_limits(dice: random.Random, name: str) -> list[Limit]:
    """Limits whose log is exact, of both kinds."""
    limits = [
        Limit(f"{name}-{i}", dice.choice((1, 2, 3, 5, 8, 13, 40)), dice.choice((60, 61, 300, 3600)))
        for i in range(dice.randint(1, 3))
    ]
    if dice.random() < 0.5:
        limits.append(Limit(f"{name}-day", dice.choice((1, 3, 10)), 86_400, Window.UTC_DAY))
    return limits


def small_trace(seed: int, steps: int = 40) -> Iterator[Step]:
    """A story of a few keys under exact limits."""
    dice = random.Random(seed)
    limits = small_limits(dice, str(seed))
    log, now = RateLog(), BEGIN + dice.randrange(DAY)
    for _ in range(steps):
        claims = tuple(
            Claim(dice.choice(limits), dice.choice(("ann", "bob")))
            for _ in range(dice.choice((1, 1, 2, 3, 4)))
        )
        now = _later(dice, log, claims[0], now)
        takes = dice.random() < 0.85
        expected = log.take(claims, now) if takes else log.peek(claims, now)
        yield Step(now, takes, claims, expected)


def _later(dice: random.Random, log: RateLog, claim: Claim, now: int) -> int:
    """The moment of the next call: often at once, often within a microsecond of an event's end."""
    chance = dice.random()
    if chance < 0.45:
        return now + dice.choice((0, 0, 0, 1, 2))
    counting = log.counting(claim, now)
    if chance < 0.75 and counting:
        if claim.limit.window is Window.UTC_DAY:
            edge = (now // DAY + 1) * DAY
        else:
            edge = dice.choice(counting) + claim.limit.seconds * SECOND
        return max(now, edge + dice.choice((-1, 0, 1)))
    return now + dice.randrange(claim.limit.seconds * SECOND // dice.choice((1, 10, 100)))


def large_times(seed: int, limit: Limit, length: int) -> list[int]:
    """When a client with a large quota calls: bursts, trickles, pauses, a steady pace near the quota."""
    dice = random.Random(seed)
    span = limit.seconds * SECOND
    now, times = BEGIN, []
    while len(times) < length:
        count = dice.randint(1, limit.quota)
        match dice.choice(("burst", "trickle", "steady", "pause")):
            case "burst":
                times += [now] * count
            case "trickle":
                for _ in range(min(count, 50)):
                    now += dice.randrange(span // 3)
                    times.append(now)
            case "steady":
                step = span // limit.quota
                for _ in range(count):
                    now += step + dice.randint(-step // 20, step // 20)
                    times.append(now)
            case "pause":
                now += dice.choice((span - 1, span, span + 1, dice.randrange(2 * span)))
    return times[:length]
