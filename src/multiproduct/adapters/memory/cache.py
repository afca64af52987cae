"""The shared cache and the invalidations of a program that is one process."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence

from multiproduct.application.ports.clock import RealTime


class MemorySharedCache:
    """Keeps the `max_entries` values that were used last."""

    def __init__(self, *, real_time: RealTime, max_entries: int = 10_000) -> None:
        self._monotonic = real_time.monotonic
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get_many(self, keys: Collection[str]) -> dict[str, bytes]:
        """Those of the keys that are known."""
        now = self._monotonic()
        found: dict[str, bytes] = {}
        for key in keys:
            entry = self._entries.get(key)
            if entry is not None and entry[0] > now:
                self._entries.move_to_end(key)
                found[key] = entry[1]
        return found

    async def set_many(self, entries: Mapping[str, bytes], seconds: float) -> None:
        """Keeps each value for at most so long."""
        expires = self._monotonic() + seconds
        for key, value in entries.items():
            self._entries[key] = (expires, value)
            self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    async def delete(self, keys: Collection[str]) -> None:
        """Forgets."""
        for key in keys:
            self._entries.pop(key, None)


class MemoryInvalidations:
    """Between the endpoints that share an `exchange`; a program of one process has one, and nobody to
    tell."""

    def __init__(self, *, exchange: "list[MemoryInvalidations] | None" = None) -> None:
        """`exchange`: the started endpoints, in one list that all of them are given."""
        self._exchange = [] if exchange is None else exchange
        self._listeners: list[tuple[Callable[[Sequence[str]], None], Callable[[], None]]] = []

    def listen(self, on_keys: Callable[[Sequence[str]], None], on_gap: Callable[[], None]) -> None:
        """Adds a listener; to be done before `start`."""
        self._listeners.append((on_keys, on_gap))

    async def publish(self, keys: Collection[str]) -> None:
        """Tells the other endpoints that these keys are stale."""
        for endpoint in self._exchange:
            if endpoint is not self:
                for on_keys, _ in endpoint._listeners:  # noqa: SLF001 - the same class
                    on_keys(list(keys))

    async def start(self) -> None:
        """Begins to hear."""
        if self not in self._exchange:
            self._exchange.append(self)
            for _, on_gap in self._listeners:
                on_gap()

    async def stop(self) -> None:
        """Ends it."""
        if self in self._exchange:
            self._exchange.remove(self)
