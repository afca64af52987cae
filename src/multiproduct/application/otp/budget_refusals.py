"""Refusals by the budget of an address, which leave a mark in the audit log."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TypeVar

from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.application.units import in_unit
from multiproduct.domain.otp import BudgetRefused, BudgetSpent

U = TypeVar("U", bound=UnitOfWork)
T = TypeVar("T")


async def in_budget(
    open_unit: Callable[[], AbstractAsyncContextManager[U]],
    body: Callable[[U], Awaitable[T]],
    *,
    now: datetime,
) -> T:
    """Like `in_unit`; where the body raises BudgetSpent, its audit row is committed before that goes on.

    The row is committed by a unit of its own: the body has counted an attempt or renewed a code before the
    budget was asked, and the refusal has to undo that.
    """
    try:
        return await in_unit(open_unit, body)
    except BudgetSpent as refusal:
        refused = BudgetRefused(
            occurred_at=now,
            subject_key=refusal.subject_key,
            scope=str(refusal.params["scope"]),
            retry_after=refusal.retry_after,
        )

        async def note(unit: U) -> None:
            unit.record(refused)
            await unit.commit()

        await in_unit(open_unit, note)
        raise
