"""Sending codes, links and what goes to an address of one's choice: noted, handed over, settled."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus, NotificationUnit
from multiproduct.application.notifications.ports import MailRenderer
from multiproduct.application.notifications.text_segments import in_fewer_segments
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.mailer import Mail, Mailer, MailRefused, MailUncertain
from multiproduct.application.ports.texter import Text, Texter, TextRefused, TextUncertain
from multiproduct.application.ports.todos import LeaseLost
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EmailAddress, PhoneNumber

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a notification goes to: a mailbox, else a telephone. `user_id` is None for who is no user yet."""

    email: EmailAddress | None
    phone: PhoneNumber | None
    user_id: UUID | None
    locale: str

    @property
    def channel(self) -> str:
        """How it travels."""
        return "email" if self.email is not None else "sms"

    def masked(self) -> str:
        """The address as the delivery log may show it."""
        if self.email is not None:
            return self.email.masked()
        return self.phone.masked() if self.phone is not None else ""


class Sending:
    """The external call stands between two transactions. A worker that dies between them leaves the delivery
    `sending`; the next run sends the same words with the same message id, and a receiver sees it is a
    repeat. Where a provider falls silent, what holds a code or a link is sent again as well, as somebody
    waits for it; anything else is noted as `uncertain`."""

    def __init__(
        self,
        *,
        units: Units[NotificationUnit],
        clock: Clock,
        ids: Ids,
        mailer: Mailer,
        texter: Texter | None,
        renderer: MailRenderer,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._mailer = mailer
        self._texter = texter
        self._renderer = renderer

    async def send(
        self,
        heard: Heard,
        type_key: str,
        to: Recipient,
        params: Params,
        *,
        reason: str,
    ) -> None:
        """Sends, and completes the todo. Raises Unavailable, upon which the todo is put back."""
        if to.email is None and self._texter is None:
            await self.skip(heard, type_key, to, reason="no_texter")
            return
        delivery = await self._begin(heard, type_key, to, reason)
        if delivery is None:
            return
        try:
            await self._hand_over(heard, type_key, to, params)
        except MailRefused:
            await self._settle(heard, delivery, DeliveryStatus.FAILED, "address_refused")
            return
        except TextRefused:
            await self._settle(heard, delivery, DeliveryStatus.FAILED, "number_refused")
            return
        except (MailUncertain, TextUncertain):
            if NOTIFICATION_TYPES[type_key].secrets & params.keys():
                raise
            await self._settle(heard, delivery, DeliveryStatus.UNCERTAIN, "no_answer")
            return
        await self._settle(heard, delivery, DeliveryStatus.SENT, reason)

    async def skip(self, heard: Heard, type_key: str, to: Recipient, *, reason: str) -> None:
        """Notes why nothing was sent, and completes the todo."""
        planned = self._delivery(heard, type_key, to, reason)

        async def body(unit: NotificationUnit) -> None:
            kept = await unit.deliveries.begin(planned)
            await self._close(unit, heard, kept, DeliveryStatus.SKIPPED, reason)

        await in_unit(self._open, body)

    async def nothing_to_do(self, heard: Heard) -> None:
        """Completes a todo that concerns nobody."""

        async def body(unit: NotificationUnit) -> None:
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(self._open, body)

    async def _begin(self, heard: Heard, type_key: str, to: Recipient, reason: str) -> Delivery | None:
        """The delivery to carry out, or None when an earlier run did."""
        planned = self._delivery(heard, type_key, to, reason)

        async def body(unit: NotificationUnit) -> Delivery | None:
            kept = await unit.deliveries.begin(planned)
            if kept.status is not DeliveryStatus.SENDING:
                await unit.todos.complete(heard.todo)
                await unit.commit()
                return None
            await unit.commit()
            return kept

        return await in_unit(self._open, body)

    async def _hand_over(self, heard: Heard, type_key: str, to: Recipient, params: Params) -> None:
        rendered = self._renderer.render(type_key, locale=to.locale, params=params)
        message_id = f"{type_key}.{heard.todo.key.position}.{heard.event.resource_id}"
        if to.email is not None:
            mail = Mail(
                message_id=message_id,
                to=to.email.display,
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                locale=rendered.locale,
            )
            await self._mailer.send(mail)
        elif to.phone is not None and self._texter is not None:
            text = Text(
                message_id=message_id,
                to=str(to.phone),
                body=in_fewer_segments(rendered.short),
                locale=rendered.locale,
            )
            await self._texter.send(text)

    async def _settle(self, heard: Heard, delivery: Delivery, status: DeliveryStatus, reason: str) -> None:
        # Run again when concurrency gets in its way, as otherwise the mail would be sent again instead.
        try:
            await in_unit(self._open, lambda unit: self._close(unit, heard, delivery, status, reason))
        except LeaseLost:
            if status in (DeliveryStatus.SENT, DeliveryStatus.UNCERTAIN):
                # It went out, or may have: whoever has the todo now must find that, and not send it again.
                await in_unit(self._open, lambda unit: self._note(unit, delivery, status, reason))
            raise

    async def _note(
        self, unit: NotificationUnit, delivery: Delivery, status: DeliveryStatus, reason: str
    ) -> None:
        await unit.deliveries.settle(delivery.id, status=status, reason=reason, now=self._clock.now())
        await unit.commit()

    async def _close(
        self,
        unit: NotificationUnit,
        heard: Heard,
        delivery: Delivery,
        status: DeliveryStatus,
        reason: str,
    ) -> None:
        await unit.deliveries.settle(delivery.id, status=status, reason=reason, now=self._clock.now())
        await unit.todos.complete(heard.todo)
        await unit.commit()

    def _open(self) -> AbstractAsyncContextManager[NotificationUnit]:
        return self._units.open(SYSTEM)

    def _delivery(self, heard: Heard, type_key: str, to: Recipient, reason: str) -> Delivery:
        return Delivery(
            id=self._ids.next(),
            event_position=heard.todo.key.position,
            type_key=type_key,
            channel=to.channel,
            user_id=to.user_id,
            recipient=to.masked(),
            status=DeliveryStatus.SENDING,
            reason=reason,
            created_at=self._clock.now(),
        )
