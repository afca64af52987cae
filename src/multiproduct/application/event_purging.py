"""The hourly purge of the event log."""

from datetime import timedelta

from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.todos import TodoQueue

KEPT = timedelta(days=30)
"""The log only feeds reactions, and a done one needs its event no more; what is of record is in the audit
log. A month leaves time to look into what a reaction was told."""
STRETCH = 1_000
MAX_STRETCHES = 500


class EventPurging:
    """Removes events a month after they happened, unless something is still owed to them: an event whose
    reaction waits or was given up on stays until that is done or discarded.

    Goes through the log from its beginning in stretches, each a transaction of its own, up to the first one
    that is young; at most half a million events a run. Completed todos need no purge: to complete one is to
    remove it.
    """

    def __init__(self, *, todos: TodoQueue, clock: Clock) -> None:
        self._todos = todos
        self._clock = clock

    async def run(self) -> int:
        """Purges; answers how many events went."""
        before, total = self._clock.now() - KEPT, 0
        position: int | None = 0
        for _ in range(MAX_STRETCHES):
            if position is None:
                break
            stretch = await self._todos.purge_events(before=before, from_position=position, limit=STRETCH)
            total += stretch.removed
            position = stretch.next_position
        return total
