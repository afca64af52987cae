"""Reading the audit log: staff everybody's entries, and everybody their own."""

from dataclasses import replace
from uuid import UUID

from multiproduct.application.audit.commands import ReadAuditLog, ReadOwnEntries
from multiproduct.application.audit.ports import AuditUnit
from multiproduct.application.audit.results import AuditEntryView, AuditPage, ChangedField
from multiproduct.application.caller import Caller
from multiproduct.application.paging import Page, decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.audit import AUDIT_READ, AuditRead
from multiproduct.domain.shared import FieldProblem, InvalidInput


class AuditQueries:
    """What staff read is itself written to the log, in the transaction that reads."""

    def __init__(self, *, units: Units[AuditUnit], clock: Clock, translator: Translator) -> None:
        self._units = units
        self._clock = clock
        self._translator = translator

    async def entries(self, query: ReadAuditLog, caller: Caller) -> AuditPage:
        """Everybody's entries. Raises Unauthenticated, Forbidden, InvalidInput for a cursor of somebody
        else's making."""
        caller.require(AUDIT_READ)
        wanted = query.filter(user_id=query.user_id, actor_id=query.actor_id)
        before = _position(query.cursor)

        async def body(unit: AuditUnit) -> Page[AuditEntry]:
            page = await _find(unit, wanted, limit=query.limit, before=before)
            unit.record(
                AuditRead(
                    occurred_at=self._clock.now(),
                    wanted=query.wanted,
                    found=len(page.items),
                    user_id=query.user_id,
                )
            )
            await unit.commit()
            return page

        return self._shown(await in_unit(lambda: self._units.open(caller), body), caller)

    async def mine(self, query: ReadOwnEntries, caller: Caller) -> AuditPage:
        """Entries about the caller. Where somebody else did it, from where stays theirs. Raises
        Unauthenticated, InvalidInput."""
        user_id = caller.require_user()
        wanted = query.filter(user_id=user_id, actor_id=None)
        async with self._units.view(caller) as view:
            page = await _find(view, wanted, limit=query.limit, before=_position(query.cursor))
        own = [_without_others(entry, user_id) for entry in page.items]
        return self._shown(Page(own, page.next_cursor), caller)

    def _shown(self, page: Page[AuditEntry], caller: Caller) -> AuditPage:
        return AuditPage(
            items=[self._view(entry, caller.locale) for entry in page.items], next_cursor=page.next_cursor
        )

    def _view(self, entry: AuditEntry, locale: str) -> AuditEntryView:
        return AuditEntryView(
            id=entry.id,
            created_at=entry.occurred_at,
            event=entry.event,
            action=entry.action,
            resource_type=entry.resource_type,
            resource_id=entry.resource_id,
            description=self._description(entry, locale),
            user_id=entry.user_id,
            actor_id=entry.actor_id,
            actor_type=entry.actor_type,
            ip_address=entry.ip,
            user_agent=entry.user_agent,
            request_id=entry.request_id,
            changes=[
                ChangedField(field=name, before=before, after=after)
                for name, (before, after) in entry.changes.items()
            ],
            metadata=entry.metadata,
        )

    def _description(self, entry: AuditEntry, locale: str) -> str:
        """The event's own sentence, or that of its action for events that the catalogues do not word."""
        for key in (f"audit.{entry.event}", f"audit.action.{entry.action}"):
            sentence = self._translator.text(key, locale=locale, params={"what": entry.resource_type})
            if sentence != key:
                return sentence
        return entry.event


async def _find(unit: AuditUnit, wanted: AuditFilter, *, limit: int, before: UUID | None) -> Page[AuditEntry]:
    found = await unit.audit_trail.find(wanted, limit=limit + 1, before=before)
    return page_of(list(found), limit=limit, cursor_of=lambda entry: encode_cursor(str(entry.id)))


def _position(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, length=1)[0]))
    except ValueError:
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None


def _without_others(entry: AuditEntry, user_id: UUID) -> AuditEntry:
    """Failed sign-ins have no actor: where they came from is what the owner of an account needs to see."""
    if entry.actor_id in (None, str(user_id)):
        return entry
    return replace(entry, ip=None, user_agent=None, request_id=None)
