"""What every group of repositories stands on: the unit's lane in the database."""

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.ledger_memory import AccountMemory
from multiproduct.application.caller import Caller
from multiproduct.application.committing import CommittingUnit, Surroundings


class SqlRepositories(CommittingUnit):
    """A unit on a lane, before it has any repository."""

    def __init__(
        self, *, lane: Lane, caller: Caller, surroundings: Surroundings, account_memory: AccountMemory
    ) -> None:
        super().__init__(caller=caller, surroundings=surroundings)
        self._lane = lane
        self._account_memory = account_memory
