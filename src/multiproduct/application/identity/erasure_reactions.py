"""What follows an erasure once it is committed: the audit log forgets the person too, and stays provable."""

from multiproduct.application.audit import AuditErasing
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.reactions import TodoUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import UserErased


class ErasureReactions:
    """Deferred, as entries are sealed before anything is taken out of them. Running it again changes
    nothing."""

    def __init__(self, *, units: Units[TodoUnit], audit: AuditErasing) -> None:
        self._units = units
        self._audit = audit

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.defer(UserErased, "identity.erase_from_audit_log", self.erase_from_audit_log)

    async def erase_from_audit_log(self, event: UserErased, heard: Heard) -> None:
        """Ip, user agent and changed values go out of every entry about the person; ids, actions and times
        stay."""
        await self._audit.run(event.user_id)
        async with self._units.open(SYSTEM) as unit:
            await unit.todos.complete(heard.todo)
            await unit.commit()
