"""Subscriptions in tables, with the trials that were had."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, bindparam, exists, literal, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_taken_key
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.subscription_rows import row_of, subscription_of
from multiproduct.adapters.sql.tables.subscriptions import LIVE, subscription_trials, subscriptions
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.subscriptions.ports import Place, SubscriptionFilter
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.subscriptions import AlreadySubscribed, Subscription

_s, _t = subscriptions.c, subscription_trials.c
_KEPT_FOR_GOOD = frozenset({"id", "user_id", "product_id", "currency", "zone", "created_at", "leased_until"})

_ADD = in_each_dialect(  # uq_subscriptions_live
    lambda inserting: inserting(subscriptions).on_conflict_do_nothing(
        index_elements=["user_id", "product_id"], index_where=LIVE
    )
)
_SAVE = (  # pk_subscriptions
    update(subscriptions)
    .where(_s.id == bindparam("of_id"), _s.version == bindparam("of_version"))
    .values(
        leased_until=None,
        **{
            column.name: bindparam(f"new_{column.name}") for column in _s if column.name not in _KEPT_FOR_GOOD
        },
    )
)
_FIND = select(subscriptions).where(_s.id == bindparam("of_id"))  # pk_subscriptions
_OF_PERSON = select(subscriptions).where(  # uq_subscriptions_live, ix_subscriptions_user_id
    _s.user_id == bindparam("of_user"), _s.product_id == bindparam("of_product")
)
_FIND_LIVE = _OF_PERSON.where(LIVE)
_FIND_LATEST = _OF_PERSON.order_by(_s.created_at.desc(), _s.id.desc()).limit(1)
_of_any = select(subscriptions).order_by(_s.created_at.desc(), _s.id.desc())
_OF_METHOD = (  # ix_subscriptions_method_id
    select(_s.id).where(_s.method_id == bindparam("of_method")).limit(bindparam("most", type_=Integer))
)
# Chosen in a CTE, which PostgreSQL runs once: a subquery could be run again for each row and lease too many.
_due = (
    select(_s.id)
    .where(
        _s.due_at <= bindparam("at"),
        or_(_s.leased_until.is_(None), _s.leased_until <= bindparam("moment")),
    )
    .order_by(_s.due_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (  # ix_subscriptions_due_at
    update(subscriptions)
    .where(_s.id.in_(select(_due.c.id)))
    .values(leased_until=bindparam("until"))
    .returning(_s.id, _s.due_at)
)
_CLAIM_TRIAL = in_each_dialect(  # pk_subscription_trials
    lambda inserting: inserting(subscription_trials).on_conflict_do_nothing(
        index_elements=[_t.user_id, _t.product_id]
    )
)
_HAD_TRIAL = select(  # pk_subscription_trials
    exists().where(_t.user_id == bindparam("of_user"), _t.product_id == bindparam("of_product"))
)


class SqlSubscriptions:
    """The `Subscriptions` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, subscription: Subscription) -> None:
        """Keeps a new one. Raises AlreadySubscribed."""
        added = await self._lane.run(_ADD[self._lane.dialect], row_of(subscription))
        if added.rowcount != 1:
            raise AlreadySubscribed(product=str(subscription.product_id))
        self._track(subscription)

    async def save(self, subscription: Subscription) -> None:
        """Writes one, unless it is stale, and ends its lease. Raises StaleAggregate, TransientFailure."""
        row = row_of(subscription)
        values = {f"new_{name}": value for name, value in row.items() if name not in _KEPT_FOR_GOOD}
        values["new_version"] = subscription.version + 1
        try:
            saved = await self._lane.run(
                _SAVE, {"of_id": subscription.id, "of_version": subscription.version, **values}
            )
        except IntegrityError as error:
            if not is_taken_key(error):
                raise
            raise TransientFailure("another one to this product began to live") from error
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(subscription.id))
        subscription.version += 1
        self._track(subscription)

    async def find(self, id: UUID) -> Subscription | None:
        """One by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else subscription_of(row)

    async def find_live(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person has to a product, if it is not over."""
        found = await self._lane.run(_FIND_LIVE, {"of_user": user_id, "of_product": product_id})
        row = found.first()
        return None if row is None else subscription_of(row)

    async def find_latest(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person had last to a product."""
        found = await self._lane.run(_FIND_LATEST, {"of_user": user_id, "of_product": product_id})
        row = found.first()
        return None if row is None else subscription_of(row)

    async def page(
        self, wanted: SubscriptionFilter, *, after: Place | None, limit: int
    ) -> Sequence[Subscription]:
        """The newest first."""
        statement = _of_any.limit(limit)  # ix_subscriptions_user_id, ix_subscriptions_created_at
        if wanted.user_id is not None:
            statement = statement.where(_s.user_id == wanted.user_id)
        if wanted.status is not None:
            statement = statement.where(_s.status == wanted.status.value)
        if after is not None:
            # With the columns' own types: SQLite keeps moments as numbers.
            place = tuple_(
                literal(after.created_at, type_=_s.created_at.type), literal(after.id, type_=_s.id.type)
            )
            statement = statement.where(tuple_(_s.created_at, _s.id) < place)
        return [subscription_of(row) for row in await self._lane.run(statement)]

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[UUID]:
        """Leases those that are due and free, the longest due first."""
        leased = await self._lane.run(_LEASE, {"at": at, "moment": now, "until": until, "most": limit})
        return [row.id for row in sorted(leased, key=lambda row: (row.due_at, row.id))]

    async def of_method(self, method_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Those that are charged by a stored payment method."""
        found = await self._lane.run(_OF_METHOD, {"of_method": method_id, "most": limit})
        return [row.id for row in found]


class SqlTrials:
    """The `Trials` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def claim(self, user_id: UUID, product_id: UUID, *, at: datetime) -> bool:
        """Notes that the person has it now, unless they had it."""
        row = {"user_id": user_id, "product_id": product_id, "had_at": at}
        return (await self._lane.run(_CLAIM_TRIAL[self._lane.dialect], row)).rowcount == 1

    async def was_had(self, user_id: UUID, product_id: UUID) -> bool:
        """Whether the person had it."""
        found = await self._lane.run(_HAD_TRIAL, {"of_user": user_id, "of_product": product_id})
        return bool(found.scalar())
