"""Deciding, within one unit, what becomes of a notice over each of its channels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.notifications.address_digests import AddressDigests
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus, NotificationUnit
from multiproduct.application.notifications.notices import Notice
from multiproduct.application.notifications.ports import Inboxes, MailRenderer
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.digest import Digest, DigestItem, PutOff, next_daily
from multiproduct.domain.notifications.inbox import NewInboxEntry, datum
from multiproduct.domain.notifications.preference import Channel, Choices
from multiproduct.domain.notifications.resolution import Decision, HousePolicy, Standing, resolve
from multiproduct.domain.notifications.settings import NotificationSettings

DIGEST_KEY = "notifications.digest"
"""The key of the type of digests."""
_S = DeliveryStatus


@dataclass(frozen=True, slots=True)
class _Wishes:
    choices: Choices
    settings: NotificationSettings


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a delivery begins as; `due_at` is until when it waits."""

    status: DeliveryStatus
    reason: str
    layer: str | None = None
    due_at: datetime | None = None
    why: PutOff | None = None


class Planning:
    """Steps: they take the caller's unit, and never commit or call out.

    `available` are the channels that the installation can send by. `repeatable` are those whose provider
    knows a repeated message by its id and drops it: only there a delivery is sent again of which nobody knows
    whether it went out.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        renderer: MailRenderer,
        inboxes: Inboxes,
        digests: AddressDigests,
        house: HousePolicy,
        available: frozenset[Channel],
        repeatable: frozenset[Channel] = frozenset(),
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._renderer = renderer
        self._inboxes = inboxes
        self._digests = digests
        self._house = house
        self._available = available
        self._repeatable = repeatable

    async def plan(self, unit: NotificationUnit, notice: Notice) -> Sequence[Delivery]:
        """Writes a delivery for every channel of the notice that has none; answers those that are to be
        handed over, of which the first is `sending` already."""
        now = self._clock.now()
        wishes = await self._wishes(unit, notice)
        is_first = await self._is_first(unit, notice, now)
        plans: list[_Plan] = []
        for channel in notice.type_.channels:
            if is_first:
                plans.append(await self._planned(unit, notice, wishes, channel, now))
            else:
                plans.append(_Plan(_S.SKIPPED, "told_already"))
        planned = [
            self._delivery(notice, channel, plan, now)
            for channel, plan in zip(notice.type_.channels, plans, strict=True)
        ]
        wanted = _first_sending(planned)
        kept = await unit.deliveries.begin_all(wanted)
        for delivery, plan, found in zip(wanted, plans, kept, strict=True):
            if found.id == delivery.id:
                await self._put(unit, notice, delivery, plan, now)
        due = [each for each in kept if each.status in (_S.PLANNED, _S.SENDING)]
        if all(found.id == delivery.id for delivery, found in zip(wanted, kept, strict=True)):
            return due
        return await self._left(unit, {each.id for each in wanted}, due, now)

    async def _left(
        self, unit: NotificationUnit, own: set[UUID], due: Sequence[Delivery], now: datetime
    ) -> Sequence[Delivery]:
        """What an earlier run left to do."""
        left: list[Delivery] = []
        for each in due:
            if each.status is _S.SENDING and each.id in own:
                # Another one may come first.
                await unit.deliveries.move(each.id, before=_S.SENDING, after=_S.PLANNED, reason=None, now=now)
            elif each.status is _S.SENDING:
                await self._found_sending(unit, each, now)
            found = await unit.deliveries.find(each.id)
            if found is not None and found.status is _S.PLANNED:
                left.append(found)
        return await self._first_begun(unit, left, now)

    async def plan_again(
        self, unit: NotificationUnit, notice: Notice, delivery: Delivery
    ) -> Sequence[Delivery]:
        """The same for one delivery that was held, now that its time has come."""
        now = self._clock.now()
        kept = await unit.deliveries.find(delivery.id)
        if kept is not None and kept.status is _S.SENDING:
            await self._found_sending(unit, kept, now)
            kept = await unit.deliveries.find(delivery.id)
        if kept is None or kept.status not in (_S.HELD, _S.PLANNED):
            return ()
        channel = Channel(kept.channel)
        decision = await self._decision(unit, notice, await self._wishes(unit, notice), channel)
        lacks = self._why_impossible(notice.user, channel)
        if lacks is not None or not decision.is_on:
            reason = lacks or decision.layer.value
            await unit.deliveries.move(kept.id, before=kept.status, after=_S.SKIPPED, reason=reason, now=now)
            return ()
        await unit.deliveries.move(kept.id, before=kept.status, after=_S.SENDING, reason=None, now=now)
        return (kept,)

    async def _planned(
        self,
        unit: NotificationUnit,
        notice: Notice,
        wishes: _Wishes,
        channel: Channel,
        now: datetime,
    ) -> _Plan:
        if channel in notice.left_out:
            return _Plan(_S.SKIPPED, notice.left_out[channel])
        decision = await self._decision(unit, notice, wishes, channel)
        layer = decision.layer.value
        if not decision.is_on:
            return _Plan(_S.SKIPPED, layer, layer)
        lacks = self._why_impossible(notice.user, channel)
        if lacks is not None:
            return _Plan(_S.SKIPPED, lacks, layer)
        if channel is Channel.IN_APP:
            return _Plan(_S.SENT, notice.reason, layer)
        if notice.type_.is_mandatory or notice.type_.key == DIGEST_KEY:
            return _Plan(_S.PLANNED, notice.reason, layer)
        return _put_off(notice, wishes.settings, channel, layer, now) or _Plan(
            _S.PLANNED, notice.reason, layer
        )

    async def _decision(
        self, unit: NotificationUnit, notice: Notice, wishes: _Wishes, channel: Channel
    ) -> Decision:
        standing = Standing(
            is_suppressed=await self._is_suppressed(unit, notice.user, channel),
            is_unsubscribed=wishes.settings.is_unsubscribed,
            choices=wishes.choices,
        )
        return resolve(notice.type_.asks(channel), standing, self._house)

    async def _is_suppressed(self, unit: NotificationUnit, user: User, channel: Channel) -> bool:
        key = _address_key(user, channel)
        if key is None:
            return False
        return await unit.suppressions.find(channel, self._digests.every(channel, key)) is not None

    def _why_impossible(self, user: User, channel: Channel) -> str | None:
        if channel not in self._available:
            return f"no_{channel.value}_provider"
        if channel is Channel.EMAIL and user.email is None:
            return "no_email"
        return "no_phone" if channel is Channel.SMS and user.phone is None else None

    async def _wishes(self, unit: NotificationUnit, notice: Notice) -> _Wishes:
        user_id = notice.user.id
        if notice.type_.is_mandatory:
            # Nobody's wishes are asked, so none are read.
            return _Wishes(Choices(), NotificationSettings(user_id=user_id))
        return _Wishes(
            await unit.notification_preferences.of_user(user_id),
            await unit.notification_settings.of_user(user_id),
        )

    async def _put(
        self, unit: NotificationUnit, notice: Notice, delivery: Delivery, plan: _Plan, now: datetime
    ) -> None:
        if plan.why is not None and plan.due_at is not None:
            digest = self._digest(notice, delivery, plan.why, plan.due_at)
            if not await self._put_off(unit, notice, delivery, digest):
                await unit.deliveries.settle(delivery.id, status=_S.SKIPPED, reason="nobody_there", now=now)
        elif delivery.channel == Channel.IN_APP and delivery.status is _S.SENT:
            said = self._renderer.notice(notice.type_.key, locale=notice.user.locale, params=notice.params)
            entry = NewInboxEntry(
                user_id=notice.user.id,
                event_position=notice.position,
                type_key=notice.type_.key,
                category=notice.type_.category.value,
                title=said.title,
                body=said.body,
                data={name: datum(value) for name, value in notice.params.items()},
                locale=said.locale,
                created_at=now,
            )
            if await self._inboxes.put(unit, entry) is None:
                await unit.deliveries.settle(delivery.id, status=_S.SKIPPED, reason="nobody_there", now=now)

    def _digest(self, notice: Notice, delivery: Delivery, why: PutOff, due_at: datetime) -> Digest:
        is_daily = why is PutOff.DAILY
        return Digest(
            id=self._ids.next(),
            user_id=notice.user.id,
            why=why,
            channel=Channel(delivery.channel),
            type_key=DIGEST_KEY if is_daily else notice.type_.key,
            key=delivery.channel if is_daily else str(delivery.id),
            due_at=due_at,
            created_at=delivery.created_at,
        )

    async def _put_off(
        self, unit: NotificationUnit, notice: Notice, delivery: Delivery, digest: Digest
    ) -> bool:
        opened = await unit.notification_digests.open(digest)
        if opened is None:
            return False
        await unit.notification_digests.add(
            DigestItem(
                delivery_id=delivery.id,
                digest_id=opened.id,
                type_key=notice.type_.key,
                params=dict(notice.params),
                created_at=delivery.created_at,
            )
        )
        return True

    async def _found_sending(self, unit: NotificationUnit, kept: Delivery, now: datetime) -> None:
        """An earlier run died while it handed over, or is still at it."""
        is_safe = Channel(kept.channel) in self._repeatable
        after, reason = (_S.PLANNED, None) if is_safe else (_S.UNCERTAIN, "died_while_sending")
        await unit.deliveries.move(kept.id, before=_S.SENDING, after=after, reason=reason, now=now)

    async def _first_begun(
        self, unit: NotificationUnit, due: list[Delivery], now: datetime
    ) -> Sequence[Delivery]:
        while due:
            if await unit.deliveries.move(
                due[0].id, before=_S.PLANNED, after=_S.SENDING, reason=None, now=now
            ):
                return due
            due.pop(0)
        return ()

    async def _is_first(self, unit: NotificationUnit, notice: Notice, now: datetime) -> bool:
        if notice.once_until is None:
            return True
        mine = str(notice.position)
        claim = IdempotencyRecord(
            scope=f"notifications.once/{notice.type_.key}/{notice.reason}",
            key=str(notice.user.id),
            fingerprint=mine,
            answer=None,
            expires_at=notice.once_until,
        )
        kept = await unit.idempotency.claim(claim, now=now)
        return kept is None or kept.fingerprint == mine

    def _delivery(self, notice: Notice, channel: Channel, plan: _Plan, now: datetime) -> Delivery:
        return Delivery(
            id=self._ids.next(),
            event_position=notice.position,
            type_key=notice.type_.key,
            channel=channel.value,
            user_id=notice.user.id,
            recipient=_masked(notice.user, channel),
            status=plan.status,
            reason=plan.reason,
            layer=plan.layer,
            created_at=now,
            settled_at=now if plan.status.is_settled else None,
        )


def _first_sending(planned: Sequence[Delivery]) -> Sequence[Delivery]:
    """The first one that is to go out begins as `sending`, which saves a statement."""
    first = next((each for each in planned if each.status is _S.PLANNED), None)
    return [replace(each, status=_S.SENDING) if each is first else each for each in planned]


def _put_off(
    notice: Notice, settings: NotificationSettings, channel: Channel, layer: str, now: datetime
) -> _Plan | None:
    """In a digest, or until quiet hours are over; None where it goes out at once."""
    zone = ZoneInfo(notice.user.time_zone)
    gathers = channel is Channel.EMAIL and settings.gathers(notice.type_.category)
    if gathers and settings.digest_at is not None:
        due_at = next_daily(now, settings.digest_at, zone)
        return _Plan(_S.DIGESTED, PutOff.DAILY.value, layer, due_at, PutOff.DAILY)
    if settings.quiet_hours is not None:
        over = settings.quiet_hours.end_of_quiet(now, zone)
        if over is not None:
            return _Plan(_S.HELD, PutOff.QUIET.value, layer, over, PutOff.QUIET)
    return None


def _address_key(user: User, channel: Channel) -> str | None:
    if channel is Channel.EMAIL and user.email is not None:
        return user.email.key
    return str(user.phone) if channel is Channel.SMS and user.phone is not None else None


def _masked(user: User, channel: Channel) -> str:
    if channel is Channel.EMAIL and user.email is not None:
        return user.email.masked()
    return user.phone.masked() if channel is Channel.SMS and user.phone is not None else ""
