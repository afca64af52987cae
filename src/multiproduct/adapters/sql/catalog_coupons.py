"""Coupons in a table, and what they were redeemed for."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from multiproduct.adapters.sql.catalog_rows import coupon_of, coupon_row
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.catalog import coupon_redemptions, coupons
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.catalog import CodeTaken, Coupon, Redemption
from multiproduct.domain.shared import Aggregate, StaleAggregate

_c, _r = coupons.c, coupon_redemptions.c
# How often it was redeemed is counted by `redeem` and `give_back` alone.
_NEVER_WRITTEN_AGAIN = frozenset({"id", "code", "redeemed", "created_at"})

_ADD = in_each_dialect(lambda inserting: inserting(coupons).on_conflict_do_nothing())
_SAVE = (  # pk_coupons
    update(coupons)
    .where(_c.id == bindparam("of_id"), _c.version == bindparam("of_version"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}")
            for column in _c
            if column.name not in _NEVER_WRITTEN_AGAIN
        }
    )
)
_FIND = select(coupons).where(_c.id == bindparam("of_id"))  # pk_coupons
_FIND_CODES = (  # uq_coupons_code
    select(coupons).where(_c.code.in_(bindparam("of_codes", expanding=True))).order_by(_c.code)
)
_NEWEST = select(coupons).order_by(_c.id.desc()).limit(bindparam("most"))  # pk_coupons
_OLDER = _NEWEST.where(_c.id < bindparam("after_id"))

# Held before it is decided: under PostgreSQL's READ COMMITTED a statement that had to wait looks again at the
# row it waited for, yet not at rows of other tables that came in between. The next statement sees them.
_HOLD = select(_c.id).where(_c.id == bindparam("of_id")).with_for_update()  # pk_coupons
_of_person = (  # ix_coupon_redemptions_coupon_id_person_id
    select(func.count())
    .where(_r.coupon_id == bindparam("of_id"), _r.person_id == bindparam("of_person"))
    .scalar_subquery()
)
_COUNT_UP = (  # pk_coupons, pk_coupon_redemptions
    update(coupons)
    .where(
        _c.id == bindparam("of_id"),
        _c.is_active,
        _c.archived_at.is_(None),
        or_(_c.starts_at.is_(None), _c.starts_at <= bindparam("at")),
        or_(_c.ends_at.is_(None), _c.ends_at > bindparam("at")),
        or_(_c.max_redemptions.is_(None), _c.redeemed < _c.max_redemptions),
        or_(_c.max_per_person.is_(None), _of_person < _c.max_per_person),
        ~exists().where(_r.coupon_id == bindparam("of_id"), _r.subject_id == bindparam("of_subject")),
    )
    .values(redeemed=_c.redeemed + 1)
)
_KEEP_REDEMPTION = insert(coupon_redemptions)
_REDEMPTIONS = (  # ix_coupon_redemptions_subject_id, pk_coupons
    select(coupon_redemptions, _c.code)
    .join_from(coupon_redemptions, coupons, _r.coupon_id == _c.id)
    .where(_r.subject_id == bindparam("of_subject"))
    .order_by(_c.code)
)
_DROP_REDEMPTION = delete(coupon_redemptions).where(  # pk_coupon_redemptions
    _r.coupon_id == bindparam("of_coupon"), _r.subject_id == bindparam("of_subject")
)
_COUNT_DOWN = (  # pk_coupons
    update(coupons).where(_c.id == bindparam("of_id")).values(redeemed=_c.redeemed - 1)
)


class SqlCoupons:
    """The `Coupons` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, coupon: Coupon) -> None:
        """Keeps a new coupon, unless its code is taken."""
        added = await self._lane.run(_ADD[self._lane.dialect], coupon_row(coupon))
        if added.rowcount != 1:
            raise CodeTaken(taken=coupon.code)
        self._track(coupon)

    async def save(self, coupon: Coupon) -> None:
        """Writes a coupon, unless it is stale."""
        row = coupon_row(coupon)
        values: dict[str, Any] = {
            f"new_{name}": value for name, value in row.items() if name not in _NEVER_WRITTEN_AGAIN
        }
        values |= {"of_id": coupon.id, "of_version": coupon.version, "new_version": coupon.version + 1}
        if (await self._lane.run(_SAVE, values)).rowcount != 1:
            raise StaleAggregate(id=str(coupon.id))
        coupon.version += 1
        self._track(coupon)

    async def find(self, id: UUID) -> Coupon | None:
        """The coupon by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else coupon_of(row)

    async def find_codes(self, codes: Sequence[str]) -> Sequence[Coupon]:
        """The coupons that have one of the codes, by code."""
        if not codes:
            return []
        return [coupon_of(row) for row in await self._lane.run(_FIND_CODES, {"of_codes": list(codes)})]

    async def page(self, *, limit: int, after: UUID | None = None) -> Sequence[Coupon]:
        """All coupons, the newest first."""
        if after is None:
            found = await self._lane.run(_NEWEST, {"most": limit})
        else:
            found = await self._lane.run(_OLDER, {"most": limit, "after_id": after})
        return [coupon_of(row) for row in found]

    async def redeem(self, redemption: Redemption) -> bool:
        """Redeems a coupon if it may be."""
        if self._lane.dialect == "postgresql":
            await self._lane.run(_HOLD, {"of_id": redemption.coupon_id})
        counted = await self._lane.run(
            _COUNT_UP,
            {
                "of_id": redemption.coupon_id,
                "of_person": redemption.person_id,
                "of_subject": redemption.subject_id,
                "at": redemption.redeemed_at,
            },
        )
        if counted.rowcount != 1:
            return False
        await self._lane.run(
            _KEEP_REDEMPTION,
            {
                "coupon_id": redemption.coupon_id,
                "subject_id": redemption.subject_id,
                "person_id": redemption.person_id,
                "redeemed_at": redemption.redeemed_at,
            },
        )
        return True

    async def redemptions(self, subject_id: UUID) -> Sequence[Redemption]:
        """What was redeemed for a subject, by the coupons' codes."""
        return [
            Redemption(
                coupon_id=row.coupon_id,
                code=row.code,
                person_id=row.person_id,
                subject_id=row.subject_id,
                redeemed_at=row.redeemed_at,
            )
            for row in await self._lane.run(_REDEMPTIONS, {"of_subject": subject_id})
        ]

    async def give_back(self, redemption: Redemption) -> bool:
        """Undoes a redemption, once."""
        place = {"of_coupon": redemption.coupon_id, "of_subject": redemption.subject_id}
        if (await self._lane.run(_DROP_REDEMPTION, place)).rowcount != 1:
            return False
        await self._lane.run(_COUNT_DOWN, {"of_id": redemption.coupon_id})
        return True
