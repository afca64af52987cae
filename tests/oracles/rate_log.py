"""Limits by brute force: every admitted event is remembered for ever, and counted anew each time."""

from collections.abc import Sequence

from multiproduct.application.ports.rate_limiter import Claim, Limit, Standing, Window

SECOND = 1_000_000
DAY = 86_400 * SECOND


class RateLog:
    """Decides exactly, also large quotas; `now` is in microseconds since 1970."""

    def __init__(self) -> None:
        self.events: dict[tuple[Limit, str], list[int]] = {}

    def take(self, claims: Sequence[Claim], now: int) -> list[Standing]:
        verdicts = self._verdicts(claims, now)
        if all(verdicts):
            for claim in claims:
                self.events.setdefault((claim.limit, claim.key), []).append(now)
        return self._standings(claims, verdicts, now)

    def peek(self, claims: Sequence[Claim], now: int) -> list[Standing]:
        return self._standings(claims, self._verdicts(claims, now), now)

    def counting(self, claim: Claim, now: int) -> list[int]:
        """The events that count at a moment. One that is exactly a window old does not."""
        events = self.events.get((claim.limit, claim.key), [])
        if claim.limit.window is Window.UTC_DAY:
            return [event for event in events if event // DAY == now // DAY]
        return [event for event in events if event > now - claim.limit.seconds * SECOND]

    def _verdicts(self, claims: Sequence[Claim], now: int) -> list[bool]:
        return [
            len(self.counting(claim, now)) + claims[: i + 1].count(claim) <= claim.limit.quota
            for i, claim in enumerate(claims)
        ]

    def _standings(self, claims: Sequence[Claim], verdicts: list[bool], now: int) -> list[Standing]:
        return [
            Standing(
                claim.limit,
                verdict,
                claim.limit.quota - len(self.counting(claim, now)),
                self._reset(claim, now),
            )
            for claim, verdict in zip(claims, verdicts, strict=True)
        ]

    def _reset(self, claim: Claim, now: int) -> int:
        counting = self.counting(claim, now)
        if not counting:
            return 0
        if claim.limit.window is Window.UTC_DAY:
            until = (now // DAY + 1) * DAY
        else:
            awaited = counting[0] if len(counting) == claim.limit.quota else counting[-1]
            until = awaited + claim.limit.seconds * SECOND
        return -((now - until) // SECOND)


def most_in_any_window(events: Sequence[int], seconds: int) -> int:
    """The largest number of events within one window of that length, wherever it begins."""
    most = start = 0
    for end, event in enumerate(events):
        while events[start] <= event - seconds * SECOND:
            start += 1
        most = max(most, end - start + 1)
    return most
