"""The rate limiter of one process: an exact log per key for small quotas, a grouped one for large quotas."""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from multiproduct.application.limiting import check_claims, group_size
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.rate_limiter import Claim, Limit, Standing, Window

Verdict = tuple[bool, int, int]
"""Admitted, remaining, reset: what a Standing says, without the object."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = 2.0**52
"""Adding and subtracting this rounds a smaller positive float to a whole number, faster than round()."""


class MemoryRateLimiter:
    """Decides limits for one process, exactly as the Redis limiter does for many.

    Times are whole microseconds of `real_time`. For one thread (one event loop) only.

    Each limit keeps the logs of its `max_keys` most recently used keys. Beyond that the least recently used
    one is forgotten, and that key starts with a whole quota if it comes back within the window. So "never
    more than the quota" is promised to hold for every key that stays among the last `max_keys` that came by.
    Logs that have run out are dropped as new keys arrive.
    100,000 keys of a quota of 100 take 25 MB with one event each, and 107 MB with a full log each.
    """

    def __init__(self, *, real_time: RealTime, max_keys: int = 100_000) -> None:
        self._real_time = real_time
        self._max_keys = max_keys
        self._logs: dict[Limit, _RollingLog | _DayCount] = {}  # limits are configuration, so they are few
        self._last_of_name: dict[str, _RollingLog | _DayCount] = {}

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """Takes one from every claim, or from none. Raises ValueError for too many claims."""
        return self.take_now(claims)

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """What `take` would say, taking nothing."""
        return self.peek_now(claims)

    def take_now(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """`take` for callers that cannot wait.

        A standing's `admitted` is its own limit's verdict; one refusal, and nothing is taken from any.
        Two claims of the same limit and key in one call need two free places.
        """
        turn = self._look(claims)
        if all(admitted for _, _, _, admitted in turn):
            for log, key, now, _ in turn:
                log.take(key, now)
        return _standings(turn)

    def peek_now(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """`peek` for callers that cannot wait."""
        return _standings(self._look(claims))

    def admit(self, limit: Limit, key: str) -> Verdict:
        """Takes one from one limit, as fast as it goes; decides like `take_now` with one claim."""
        log = self._last_of_name.get(limit.name)
        if log is None or log.limit is not limit:
            log = self._last_of_name[limit.name] = self._log_of(limit)
        return log.admit(key)

    def lane(self, limit: Limit) -> Callable[[str], Verdict]:
        """`admit` for one limit, which is then not looked up each time."""
        return self._log_of(limit).admit

    def track(self, limit: Limit) -> None:
        """From now on, what is admitted by this limit is kept for `drain_admitted`."""
        log = self._log_of(limit)
        log.fresh = {} if log.fresh is None else log.fresh

    def untrack(self, limit: Limit) -> None:
        """The end of `track`; what was kept is dropped."""
        self._log_of(limit).fresh = None

    def drain_admitted(self) -> Mapping[Limit, Mapping[str, int]]:
        """How often each key was admitted since the last call, by tracked limit.

        At most `max_keys` keys a limit: when more are waiting, what came after them is not told.
        """
        drained: dict[Limit, Mapping[str, int]] = {}
        for limit, log in self._logs.items():
            if log.fresh:
                drained[limit], log.fresh = log.fresh, {}
        return drained

    def absorb(self, limit: Limit, key: str, count: int) -> None:
        """Counts `count` events (at least 1) of elsewhere as if they happened now, also beyond the quota.

        `drain_admitted` does not tell them.
        """
        log = self._log_of(limit)
        log.add(key, log.moment(), count)

    def _log_of(self, limit: Limit) -> "_RollingLog | _DayCount":
        log = self._logs.get(limit)
        if log is None:
            check_claims((Claim(limit, ""),))
            kind = _DayCount if limit.window is Window.UTC_DAY else _RollingLog
            log = self._logs[limit] = kind(limit=limit, real_time=self._real_time, max_keys=self._max_keys)
        return log

    def _look(self, claims: Sequence[Claim]) -> "list[_Turn]":
        check_claims(claims)
        wanted: dict[tuple[_RollingLog | _DayCount, str], int] = {}
        turn: list[_Turn] = []
        for claim in claims:
            log = self._log_of(claim.limit)
            now = log.moment()
            place = (log, claim.key)
            wanted[place] = wanted.get(place, 0) + 1
            turn.append((log, claim.key, now, log.free(claim.key, now) >= wanted[place]))
        return turn


E = TypeVar("E")


class _Log(ABC, Generic[E]):
    """The bounded, least-recently-used logs of one limit. `now` is always a `moment()` of the same log."""

    def __init__(self, *, limit: Limit, max_keys: int) -> None:
        self.limit = limit
        self.fresh: dict[str, int] | None = None
        self._max_keys = max_keys
        self._entries: OrderedDict[str, E] = OrderedDict()
        self._touch = self._entries.move_to_end

    @abstractmethod
    def moment(self) -> float:
        """The present in whole microseconds."""

    @abstractmethod
    def free(self, key: str, now: float) -> int:
        """How many more would be admitted now."""

    @abstractmethod
    def add(self, key: str, now: float, count: int) -> None:
        """Counts events without asking whether there is room."""

    @abstractmethod
    def reset(self, key: str, now: float) -> int:
        """Whole seconds until one is free where none is, else until all are."""

    @abstractmethod
    def _is_over(self, entry: E, now: float) -> bool:
        """Whether nothing of this entry counts any more."""

    def take(self, key: str, now: float) -> None:
        """Counts one event of this process."""
        self.add(key, now, 1)
        if self.fresh is not None:
            self._note(key)

    def admit(self, key: str) -> Verdict:
        """Checks and takes one."""
        now = self.moment()
        admitted = self.free(key, now) > 0
        if admitted:
            self.take(key, now)
        return admitted, self.free(key, now), self.reset(key, now)

    def _note(self, key: str) -> None:
        fresh = self.fresh
        if fresh is None:
            return
        count = fresh.get(key, 0)
        if count or len(fresh) < self._max_keys:
            fresh[key] = count + 1

    def _keep(self, key: str, entry: E, now: float) -> None:
        """Makes a new key's entry the newest.

        Up to two entries that are over make room first, so that they go faster than new ones come.
        """
        entries = self._entries
        for _ in range(2):
            if entries and self._is_over(next(iter(entries.values())), now):
                entries.popitem(last=False)
        while len(entries) >= self._max_keys:
            entries.popitem(last=False)
        entries[key] = entry


class _RollingLog(_Log["array[float]"]):
    """The grouped log of docs/adr/0007: only the time of the newest event of each group of g is kept.

    An entry is [missing, time, time, ...], oldest group first: every group counts g events until its newest
    one is a window old, less the `missing` ones that the newest group can still take in.
    """

    def __init__(self, *, limit: Limit, real_time: RealTime, max_keys: int) -> None:
        super().__init__(limit=limit, max_keys=max_keys)
        self._monotonic = real_time.monotonic
        self._span = limit.seconds * _SECOND
        self._group = group_size(limit.quota)
        self._most_groups = -(-limit.quota // self._group) + 1

    def moment(self) -> float:
        return (self._monotonic() * 1e6 + _WHOLE) - _WHOLE

    def admit(self, key: str) -> Verdict:
        # The same as the general one, in one piece: the username check calls this for each of its requests.
        now = (self._monotonic() * 1e6 + _WHOLE) - _WHOLE
        limit = self.limit
        entry = self._entries.get(key)
        if entry is None:
            free = limit.quota
        else:
            self._touch(key)
            if len(entry) > 1 and entry[1] <= now - self._span:
                self._drop_old(entry, now)
            free = limit.quota - int(self._group * (len(entry) - 1) - entry[0])
        if free <= 0:
            return False, 0, self._wait(entry, now)
        if entry is None:
            entry = self._begin(key, now)
        if entry[0]:
            entry[-1] = now
            entry[0] -= 1
        else:
            entry.append(now)
            entry[0] = self._group - 1
        if (fresh := self.fresh) is not None and ((noted := fresh.get(key)) or len(fresh) < self._max_keys):
            fresh[key] = (noted or 0) + 1
        return True, free - 1, (limit.seconds if free > 1 else self._wait(entry, now))

    def free(self, key: str, now: float) -> int:
        entry = self._current(key, now)
        return self.limit.quota if entry is None else max(0, self.limit.quota - self._used(entry))

    def add(self, key: str, now: float, count: int) -> None:
        entry = self._current(key, now)
        if entry is None:
            entry = self._begin(key, now)
        if entry[0]:  # the newest group has room
            entry[-1] = now
            taken_in = min(count, int(entry[0]))
            entry[0] -= taken_in
            count -= taken_in
        if count:
            groups = min(-(-count // self._group), self._most_groups)
            entry.extend([now] * groups)
            entry[0] = -count % self._group
            del entry[1 : max(1, len(entry) - self._most_groups)]  # more than these cannot matter

    def reset(self, key: str, now: float) -> int:
        return self._wait(self._current(key, now), now)

    def _wait(self, entry: "array[float] | None", now: float) -> int:
        if entry is None or len(entry) == 1:
            return 0
        over = self._used(entry) - self.limit.quota
        awaited = entry[-1] if over < 0 else entry[1 + over // self._group]
        return -int(-(awaited + self._span - now) // _SECOND)

    def _current(self, key: str, now: float) -> "array[float] | None":
        entry = self._entries.get(key)
        if entry is not None:
            self._touch(key)
            self._drop_old(entry, now)
        return entry

    def _begin(self, key: str, now: float) -> "array[float]":
        entry = array("d", (0.0,))
        self._keep(key, entry, now)
        return entry

    def _drop_old(self, entry: "array[float]", now: float) -> None:
        del entry[1 : bisect_right(entry, now - self._span, 1)]
        if len(entry) == 1:
            entry[0] = 0.0

    def _used(self, entry: "array[float]") -> int:
        return int(self._group * (len(entry) - 1) - entry[0])

    def _is_over(self, entry: "array[float]", now: float) -> bool:
        return len(entry) == 1 or entry[-1] <= now - self._span


class _DayCount(_Log[tuple[int, int]]):
    """A count for each UTC calendar day. An entry is (day since 1970, count)."""

    def __init__(self, *, limit: Limit, real_time: RealTime, max_keys: int) -> None:
        super().__init__(limit=limit, max_keys=max_keys)
        self._now = real_time.now

    def moment(self) -> float:
        return float((self._now() - _EPOCH) // timedelta(microseconds=1))

    def free(self, key: str, now: float) -> int:
        return max(0, self.limit.quota - self._current(key, now)[1])

    def add(self, key: str, now: float, count: int) -> None:
        day, counted = self._current(key, now)
        if key not in self._entries:
            self._keep(key, (day, 0), now)
        self._entries[key] = (day, counted + count)

    def reset(self, key: str, now: float) -> int:
        day, counted = self._current(key, now)
        return -int(-((day + 1) * _DAY - now) // _SECOND) if counted else 0

    def _current(self, key: str, now: float) -> tuple[int, int]:
        today = int(now // _DAY)
        entry = self._entries.get(key)
        if entry is None:
            return today, 0
        self._touch(key)
        # A clock that steps back over midnight stays in the later day: stricter, never looser.
        return entry if entry[0] >= today else (today, 0)

    def _is_over(self, entry: tuple[int, int], now: float) -> bool:
        return entry[0] < now // _DAY


_Turn = tuple[_RollingLog | _DayCount, str, float, bool]


def _standings(turn: list[_Turn]) -> list[Standing]:
    return [
        Standing(log.limit, admitted, log.free(key, now), log.reset(key, now))
        for log, key, now, admitted in turn
    ]
