"""What follows an erasure once it is committed: the logs forget the person too, and the audit log stays
provable."""

from collections.abc import Mapping
from typing import Any, Protocol

from multiproduct.application.audit import AuditErasing
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.administration_ports import PersonalRows
from multiproduct.application.identity.reactions import TodoUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import UserErased, UserRegistered, UserUpdated

STRETCH = 2_000
"""Events looked at in one transaction."""
MASKS: Mapping[str, Mapping[str, Any]] = {
    UserRegistered.NAME: {"username": ""},
    UserUpdated.NAME: {"fields": {}},
}
"""The events that hold what a person is called, and what takes its place."""


class ErasureUnit(TodoUnit, Protocol):
    """The slice in which the logs forget somebody."""

    @property
    def personal_rows(self) -> PersonalRows: ...


class ErasureReactions:
    """Deferred, as entries are sealed before anything is taken out of them, and as the event log is long.
    Running them again changes nothing."""

    def __init__(self, *, units: Units[ErasureUnit], audit: AuditErasing) -> None:
        self._units = units
        self._audit = audit

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(UserErased, "identity.erase_from_audit_log", self.erase_from_audit_log)
        table.defer(UserErased, "identity.erase_from_event_log", self.erase_from_event_log)

    async def erase_from_audit_log(self, event: UserErased, heard: Heard) -> None:
        """Ip, user agent and changed values go out of every entry about the person, and of what they did;
        ids, actions and times stay."""
        await self._audit.run(event.user_id)
        await self._complete(heard)

    async def erase_from_event_log(self, event: UserErased, heard: Heard) -> None:
        """Names go out of every event up to this one."""
        place: int | None = 0
        while place is not None and place < heard.todo.key.position:
            place = await self._mask_stretch(event, place)
        await self._complete(heard)

    async def _mask_stretch(self, event: UserErased, after: int) -> int | None:
        async def body(unit: ErasureUnit) -> int | None:
            reached = await unit.personal_rows.mask_events(event.user_id, MASKS, after=after, limit=STRETCH)
            await unit.commit()
            return reached

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _complete(self, heard: Heard) -> None:
        async with self._units.open(SYSTEM) as unit:
            await unit.todos.complete(heard.todo)
            await unit.commit()
