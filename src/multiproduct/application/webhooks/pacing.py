"""How many messages are under way to whom, so that slow receivers take nothing from the others."""

from collections import Counter, OrderedDict
from uuid import UUID

AT_ONCE = 64
"""Messages under way in a process."""
AT_ONCE_TO_ONE = 4
"""To an endpoint that answers well; to any other one at a time."""
WELL_SECONDS = 1.0
_REMEMBERED = 10_000


class Pacing:
    """Half of what may be under way is kept for endpoints whose last answer was good and came within a
    second. The others (new ones, slow ones, failing ones) share the rest, one message at a time each. So
    however many hang, those that answer well are never kept waiting by them; and one that begins to hang
    holds at most four places, for as long as a call may take."""

    def __init__(self) -> None:
        self._well: OrderedDict[UUID, None] = OrderedDict()
        self._to: Counter[UUID] = Counter()
        self._counted_well: Counter[UUID] = Counter()

    @property
    def under_way(self) -> int:
        """Messages under way in all."""
        return self._to.total()

    def full(self) -> list[UUID]:
        """Endpoints that are not to be sent more at the moment."""
        return [each for each in self._to if self.room(each) <= 0]

    def room(self, endpoint_id: UUID) -> int:
        """How many more may be begun for it."""
        free = AT_ONCE - self.under_way
        mine = self._to[endpoint_id]
        if endpoint_id in self._well:
            return min(free, AT_ONCE_TO_ONE - mine)
        others = self.under_way - self._counted_well.total()
        return min(free, 1 - mine, AT_ONCE // 2 - others)

    def begin(self, endpoint_id: UUID) -> bool:
        """Counts one more; answers whether it was begun as one to an endpoint that answers well, which `end`
        wants to be told."""
        is_well = endpoint_id in self._well
        self._to[endpoint_id] += 1
        if is_well:
            self._counted_well[endpoint_id] += 1
        return is_well

    def end(self, endpoint_id: UUID, *, begun_well: bool, seconds: float, succeeded: bool) -> None:
        """Counts one less, and remembers how it went."""
        _take_one(self._to, endpoint_id)
        if begun_well:
            _take_one(self._counted_well, endpoint_id)
        self._well.pop(endpoint_id, None)
        if succeeded and seconds <= WELL_SECONDS:
            self._well[endpoint_id] = None
            if len(self._well) > _REMEMBERED:
                self._well.popitem(last=False)


def _take_one(counter: Counter[UUID], key: UUID) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
