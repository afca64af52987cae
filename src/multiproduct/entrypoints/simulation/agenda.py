"""Who does what when: everything that is yet to happen, the earliest first."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime

Deed = Callable[[], Awaitable[None]]


class Agenda:
    """Of deeds of one moment the one put down first comes first, so that a seed decides the order."""

    def __init__(self) -> None:
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._count = 0

    def put(self, moment: datetime, deed: Deed) -> None:
        """Puts down what is to happen then."""
        self._count += 1
        heapq.heappush(self._deeds, (moment, self._count, deed))

    def due(self, until: datetime) -> tuple[datetime, Deed] | None:
        """Takes the next that is to happen before the moment."""
        if not self._deeds or self._deeds[0][0] >= until:
            return None
        moment, _, deed = heapq.heappop(self._deeds)
        return moment, deed
