"""Values that processes share to spare the database, and word of which have become stale."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol


class SharedCache(Protocol):
    """Bytes by key, for a while. A cache is never the truth.

    Promises:
    - losing any value at any time is allowed, so a failure is answered as a miss and never raised;
    - after `delete`, this process never gets the old value again, also when the deletion could not be
      carried out at once (for the 10,000 youngest such keys);
    - a value is never given out after its time.
    """

    async def get_many(self, keys: Collection[str]) -> dict[str, bytes]:
        """Those of the keys that are known."""
        ...

    async def set_many(self, entries: Mapping[str, bytes], seconds: float) -> None:
        """Keeps each value for at most so long. A value over 1 MiB may be passed over."""
        ...

    async def delete(self, keys: Collection[str]) -> None:
        """Forgets."""
        ...


class Invalidations(Protocol):
    """Tells all other processes which keys have become stale.

    Promises:
    - what is published reaches every other started process within moments, or that process hears of a gap;
    - `on_gap` is called on every (re)subscription, since anything may have been missed before it;
    - publishing never raises; what cannot be told now is told when it can be;
    - a publisher does not hear itself.
    """

    def listen(self, on_keys: Callable[[Sequence[str]], None], on_gap: Callable[[], None]) -> None:
        """Adds a listener; to be done before `start`. Both callbacks return at once and do not raise."""
        ...

    async def publish(self, keys: Collection[str]) -> None:
        """Tells the others that these keys are stale."""
        ...

    async def start(self) -> None:
        """Begins to hear."""
        ...

    async def stop(self) -> None:
        """Ends it."""
        ...
