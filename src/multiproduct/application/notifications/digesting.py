"""Telling what waited: daily digests, and what was held until quiet hours were over."""

from collections.abc import Sequence

from multiproduct.application.caller import SYSTEM
from multiproduct.application.each_alone import EachAlone
from multiproduct.application.notifications.commerce_types import NOTIFICATIONS_DIGEST
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notices import Notice
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.ports import MailRenderer
from multiproduct.application.notifications.security_notices import ListenerUnit
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.digest import MOST_ITEMS, Digest, DigestItem, PutOff
from multiproduct.domain.notifications.events import DigestClosed

BATCH = 200
MAX_BATCHES = 100
"""At most 20,000 are closed in one run; the rest are due in the next."""


class DigestClosing:
    """A job: closes what is due, one in each transaction, which tells the reaction below. Of several runs one
    closes a digest."""

    def __init__(self, *, units: Units[NotificationUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Closes; answers how many."""
        closed, each_alone = 0, EachAlone(what="digests")
        for _ in range(MAX_BATCHES):
            async with self._units.view(SYSTEM) as view:
                due = await view.notification_digests.due(now=self._clock.now(), limit=BATCH)
            before = closed
            for digest in due:
                with each_alone.one():
                    closed += await self._close(digest)
            if len(due) < BATCH or closed == before:
                break
        each_alone.tell()
        return closed

    async def _close(self, digest: Digest) -> bool:
        now = self._clock.now()

        async def body(unit: NotificationUnit) -> bool:
            if not await unit.notification_digests.close(digest.id, now=now):
                return False
            unit.record(DigestClosed(occurred_at=now, user_id=digest.user_id, digest_id=digest.id))
            await unit.commit()
            return True

        return await in_unit(lambda: self._units.open(SYSTEM), body)


class Digesting:
    """The deferred reaction to a digest that was closed. It completes its todo whatever it finds."""

    def __init__(
        self, *, units: Units[ListenerUnit], notifying: Notifying, renderer: MailRenderer, links: Links
    ) -> None:
        self._units = units
        self._notifying = notifying
        self._renderer = renderer
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.defer(DigestClosed, "notifications.tell_what_waited", self.tell_what_waited)

    async def tell_what_waited(self, event: DigestClosed, heard: Heard) -> None:
        """One mail for a daily digest; what was held goes out as what it is."""
        async with self._units.view(SYSTEM) as view:
            digest = await view.notification_digests.find(event.digest_id)
            items = await view.notification_digests.items(event.digest_id)
            user = await view.users.find(event.user_id)
        known = [item for item in items if item.type_key in NOTIFICATION_TYPES]
        if digest is None or user is None or not known:
            await self._notifying.nothing_to_do(heard)
        elif digest.why is PutOff.QUIET:
            await self._go_on(heard, user, known[0])
        else:
            await self._tell(heard, user, known)

    async def _go_on(self, heard: Heard, user: User, item: DigestItem) -> None:
        async with self._units.view(SYSTEM) as view:
            delivery = await view.deliveries.find(item.delivery_id)
        if delivery is None:
            await self._notifying.nothing_to_do(heard)
            return
        notice = Notice(
            position=delivery.event_position,
            type_=NOTIFICATION_TYPES[item.type_key],
            user=user,
            params=item.params,
            reason=delivery.reason or item.type_key,
        )
        await self._notifying.go_on(heard, notice, delivery)

    async def _tell(self, heard: Heard, user: User, items: Sequence[DigestItem]) -> None:
        said = [
            self._renderer.notice(item.type_key, locale=user.locale, params=item.params)
            for item in items[:MOST_ITEMS]
        ]
        params: dict[str, str | int] = {
            "items": "\n".join(f"{each.title}: {each.body}" for each in said),
            "count": len(items),
            "link": self._links.sign_in,
        }
        await self._notifying.tell(heard, NOTIFICATIONS_DIGEST, user, params, reason="daily_digest")
