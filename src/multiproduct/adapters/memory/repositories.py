"""What every group of repositories stands on: the unit's stage over the store."""

from multiproduct.adapters.memory.store import MemoryStore, Stage
from multiproduct.application.caller import Caller
from multiproduct.application.committing import CommittingUnit, Surroundings


class MemoryRepositories(CommittingUnit):
    """A unit with a stage of its own, before it has any repository."""

    def __init__(self, *, store: MemoryStore, caller: Caller, surroundings: Surroundings) -> None:
        super().__init__(caller=caller, surroundings=surroundings)
        self._store = store
        self._stage = Stage(store)
