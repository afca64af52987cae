"""Closing the books up to a moment, and opening them again."""

from multiproduct.application.caller import Caller
from multiproduct.application.ledger.commands import ClosePeriod, ListPeriods, ReopenPeriod
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ledger.results import PeriodPage, PeriodView
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import PeriodChange, PeriodClosed, PeriodNotClosed, PeriodReopened
from multiproduct.domain.ledger.permissions import PERIODS_CLOSE, PERIODS_READ, PERIODS_REOPEN
from multiproduct.domain.shared import FieldProblem, InvalidInput


class Closing:
    """What was closed and reopened stays on record."""

    def __init__(self, *, units: Units[LedgerUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def close(self, command: ClosePeriod, caller: Caller) -> PeriodView:
        """Nothing becomes effective before the moment any more, once those who post now are done. Needs
        `ledger.period.close`. Raises PeriodNotLater."""
        caller.require(PERIODS_CLOSE)

        async def body(unit: LedgerUnit) -> PeriodView:
            last, now = await unit.ledger_periods.last(), self._clock.now()
            change = PeriodChange.close(
                last, command.until, now=now, actor_id=caller.principal.user_id, reason=command.reason
            )
            await unit.ledger_periods.add(change)
            unit.record(
                PeriodClosed(
                    occurred_at=now,
                    position=change.position,
                    before=last.closed_until if last else None,
                    closed_until=command.until,
                )
            )
            await unit.commit()
            return PeriodView.of(change)

        return await in_unit(lambda: self._units.open(caller), body)

    async def reopen(self, command: ReopenPeriod, caller: Caller) -> PeriodView:
        """Needs `ledger.period.reopen`, and a recent sign-in. Raises StepUpRequired, PeriodNotClosed."""
        caller.require(PERIODS_REOPEN)
        caller.require_recent(self._clock.now())

        async def body(unit: LedgerUnit) -> PeriodView:
            last, now = await unit.ledger_periods.last(), self._clock.now()
            change = PeriodChange.reopen(
                last, command.until, now=now, actor_id=caller.principal.user_id, reason=command.reason
            )
            if last is None or last.closed_until is None:
                raise PeriodNotClosed
            await unit.ledger_periods.add(change)
            unit.record(
                PeriodReopened(
                    occurred_at=now,
                    position=change.position,
                    before=last.closed_until,
                    closed_until=command.until,
                )
            )
            await unit.commit()
            return PeriodView.of(change)

        return await in_unit(lambda: self._units.open(caller), body)

    async def every(self, query: ListPeriods, caller: Caller) -> PeriodPage:
        """Changes of the close. Needs `ledger.period.read`. Raises InvalidInput."""
        caller.require(PERIODS_READ)
        async with self._units.view(caller) as view:
            last = await view.ledger_periods.last()
            found = await view.ledger_periods.page(before=_before(query.cursor), limit=query.limit + 1)
        page = page_of(
            list(found), limit=query.limit, cursor_of=lambda change: encode_cursor(change.position)
        )
        return PeriodPage(
            closed_until=last.closed_until if last else None,
            items=[PeriodView.of(change) for change in page.items],
            next_cursor=page.next_cursor,
        )


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor, length=1)[0]
    if not isinstance(position, int) or not 0 <= position < 2**31:
        raise InvalidInput(FieldProblem("cursor", "invalid"))
    return position
