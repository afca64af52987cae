"""Sending one notification once: noted, handed over, settled, in that order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus, NotificationUnit
from multiproduct.application.notifications.ports import MailRenderer
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.mailer import Mail, Mailer, MailRefused
from multiproduct.application.ports.texter import Text, Texter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
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
    repeat."""

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

    async def send(self, heard: Heard, type_key: str, to: Recipient, params: Params, *, reason: str) -> None:
        """Sends, and completes the todo. Raises Unavailable, upon which the todo is put back."""
        delivery = await self._begin(heard, type_key, to, reason)
        if delivery is None:
            return
        try:
            await self._hand_over(heard, type_key, to, params)
        except MailRefused:
            await self._settle(heard, delivery, DeliveryStatus.FAILED, "address_refused")
            return
        await self._settle(heard, delivery, DeliveryStatus.SENT, reason)

    async def skip(self, heard: Heard, type_key: str, to: Recipient, *, reason: str) -> None:
        """Notes why nothing was sent, and completes the todo."""
        async with self._units.open(SYSTEM) as unit:
            kept = await unit.deliveries.begin(self._delivery(heard, type_key, to, reason))
            await unit.deliveries.settle(
                kept.id, status=DeliveryStatus.SKIPPED, reason=reason, now=self._clock.now()
            )
            await unit.todos.complete(heard.todo)
            await unit.commit()

    async def nothing_to_do(self, heard: Heard) -> None:
        """Completes a todo that concerns nobody."""
        async with self._units.open(SYSTEM) as unit:
            await unit.todos.complete(heard.todo)
            await unit.commit()

    async def _begin(self, heard: Heard, type_key: str, to: Recipient, reason: str) -> Delivery | None:
        """The delivery to carry out, or None when an earlier run did."""
        async with self._units.open(SYSTEM) as unit:
            kept = await unit.deliveries.begin(self._delivery(heard, type_key, to, reason))
            is_settled = kept.status is not DeliveryStatus.SENDING
            if is_settled:
                await unit.todos.complete(heard.todo)
            await unit.commit()
        return None if is_settled else kept

    async def _hand_over(self, heard: Heard, type_key: str, to: Recipient, params: Params) -> None:
        rendered = self._renderer.render(type_key, locale=to.locale, params=params)
        message_id = f"{type_key}.{heard.todo.position}.{heard.event.resource_id}"
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
                message_id=message_id, to=str(to.phone), body=rendered.short, locale=rendered.locale
            )
            await self._texter.send(text)

    async def _settle(self, heard: Heard, delivery: Delivery, status: DeliveryStatus, reason: str) -> None:
        async with self._units.open(SYSTEM) as unit:
            await unit.deliveries.settle(delivery.id, status=status, reason=reason, now=self._clock.now())
            await unit.todos.complete(heard.todo)
            await unit.commit()

    def _delivery(self, heard: Heard, type_key: str, to: Recipient, reason: str) -> Delivery:
        return Delivery(
            id=self._ids.next(),
            event_position=heard.todo.position,
            type_key=type_key,
            channel=to.channel,
            user_id=to.user_id,
            recipient=to.masked(),
            status=DeliveryStatus.SENDING,
            reason=reason,
            created_at=self._clock.now(),
        )
