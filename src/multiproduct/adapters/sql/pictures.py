"""Which files are somebody's picture, in a table."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, insert, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.account import pictures
from multiproduct.domain.identity import Picture

_p = pictures.c

_ADD = insert(pictures)
_TAKE_UP = (  # pk_pictures
    update(pictures)
    .where(_p.id == bindparam("of_id"), _p.unused_since.is_not(None), _p.created_at > bindparam("made_after"))
    .values(unused_since=None)
)
_DROP = (  # pk_pictures
    update(pictures)
    .where(_p.id == bindparam("of_id"), _p.unused_since.is_(None))
    .values(unused_since=bindparam("at"))
)
_IS_USED = select(_p.id).where(_p.id == bindparam("of_id"), _p.unused_since.is_(None))  # pk_pictures
_UNUSED = (  # ix_pictures_unused_since
    select(_p.id)
    .where(_p.unused_since < bindparam("before"))
    .order_by(_p.unused_since)
    .limit(bindparam("most", type_=Integer))
)
_REMOVE = (  # pk_pictures
    delete(pictures)
    .where(_p.id.in_(bindparam("ids", expanding=True)), _p.unused_since.is_not(None))
    .returning(_p.id)
)


class SqlPictures:
    """The `Pictures` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, picture: Picture) -> None:
        """Keeps a new one."""
        await self._lane.run(
            _ADD,
            {
                "id": picture.id,
                "user_id": picture.user_id,
                "created_at": picture.created_at,
                "unused_since": picture.unused_since,
            },
        )

    async def take_up(self, id: UUID, *, made_after: datetime) -> bool:
        """Marks as used an unused one that is not too old."""
        return (await self._lane.run(_TAKE_UP, {"of_id": id, "made_after": made_after})).rowcount == 1

    async def drop(self, id: UUID, *, now: datetime) -> None:
        """Marks one as unused."""
        await self._lane.run(_DROP, {"of_id": id, "at": now})

    async def is_used(self, id: UUID) -> bool:
        """Whether somebody has it."""
        return (await self._lane.run(_IS_USED, {"of_id": id})).first() is not None

    async def unused(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Those that were unused before the moment."""
        return list((await self._lane.run(_UNUSED, {"before": before, "most": limit})).scalars())

    async def remove(self, ids: Sequence[UUID]) -> int:
        """Removes unused ones; answers how many there were."""
        return len((await self._lane.run(_REMOVE, {"ids": list(ids)})).all())
