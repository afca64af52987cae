"""The ledger of scheduled jobs in a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from multiproduct.adapters.sql.lanes import Database
from multiproduct.adapters.sql.tables.shared import jobs
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.ports.jobs import JobRun

_j = jobs.c
_at = bindparam("at", type_=_j.next_due_at.type)


def _claiming(inserting: Any) -> Any:
    statement = inserting(jobs)
    return statement.on_conflict_do_update(
        index_elements=[_j.name],
        set_={
            "next_due_at": statement.excluded.next_due_at,
            "leased_until": statement.excluded.leased_until,
        },
        where=(_j.next_due_at <= _at) & or_(_j.leased_until.is_(None), _j.leased_until <= _at),
    ).returning(_j.name)


_CLAIM = in_each_dialect(_claiming)  # pk_jobs
_FINISH = (  # pk_jobs
    update(jobs)
    .where(_j.name == bindparam("of_name"), _j.leased_until == bindparam("of_lease"))
    .values(leased_until=None, finished_at=bindparam("at"), last_outcome=bindparam("outcome"))
)
_ALL = select(_j.name, _j.next_due_at, _j.finished_at, _j.last_outcome).order_by(_j.name)


class SqlJobLedger:
    """The `JobLedger` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, name: str, *, now: datetime, next_due_at: datetime, lease_until: datetime) -> bool:
        """Takes a due job that nobody has leased."""
        claimed = await self._database.alone(
            _CLAIM[self._database.dialect],
            {"name": name, "next_due_at": next_due_at, "leased_until": lease_until, "at": now},
        )
        return claimed.first() is not None

    async def finish(self, name: str, *, leased_until: datetime, now: datetime, outcome: str) -> None:
        """Gives the lease back, if it is the present one, and notes what came of it."""
        await self._database.alone(
            _FINISH, {"of_name": name, "of_lease": leased_until, "at": now, "outcome": outcome}
        )

    async def all(self) -> list[JobRun]:
        """Every job ever claimed, by name."""
        return [
            JobRun(
                name=row.name,
                next_due_at=row.next_due_at,
                finished_at=row.finished_at,
                last_outcome=row.last_outcome,
            )
            for row in await self._database.read(_ALL)
        ]
