"""Wrong passwords in a row in a table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.sign_in_failures import sign_in_failures
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import SignInFailures

_f = sign_in_failures.c

_FIND = select(sign_in_failures).where(_f.key == bindparam("of_key"))  # pk_sign_in_failures
# The update changes nothing: it is there to lock the row and to answer it.
_HOLD = in_each_dialect(  # pk_sign_in_failures
    lambda inserting: (
        inserting(sign_in_failures)
        .on_conflict_do_update(
            index_elements=[_f.key], set_={"key": inserting(sign_in_failures).excluded.key}
        )
        .returning(sign_in_failures)
    )
)
_SAVE = (  # pk_sign_in_failures
    update(sign_in_failures)
    .where(_f.key == bindparam("of_key"))
    .values(failures=bindparam("new_count"), last_failed_at=bindparam("at"))
)
_FORGET = delete(sign_in_failures).where(  # pk_sign_in_failures
    _f.key.in_(bindparam("keys", expanding=True))
)
_PURGE = purge_of(  # ix_sign_in_failures_last_failed_at
    sign_in_failures, or_(_f.last_failed_at < bindparam("before"), _f.last_failed_at.is_(None))
)


class SqlSignInFailures:
    """The `SignInFailureCounts` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def find(self, key: str) -> SignInFailures | None:
        """The count, if anything was counted."""
        row = (await self._lane.run(_FIND, {"of_key": key})).first()
        return None if row is None else _failures(row)

    async def hold(self, key: str) -> SignInFailures:
        """The count, its row locked until the unit ends."""
        held = await self._lane.run(_HOLD[self._lane.dialect], {"key": key, "failures": 0})
        return _failures(held.one())

    async def save(self, failures: SignInFailures) -> None:
        """Writes a count that is held."""
        await self._lane.run(
            _SAVE, {"of_key": failures.key, "new_count": failures.count, "at": failures.last_failed_at}
        )

    async def forget(self, keys: Sequence[str]) -> None:
        """Removes the counts, in one statement."""
        await self._lane.run(_FORGET, {"keys": list(keys)})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those whose last failure was before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _failures(row: Row[Any]) -> SignInFailures:
    return SignInFailures(key=row.key, count=row.failures, last_failed_at=row.last_failed_at)
