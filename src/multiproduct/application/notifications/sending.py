"""Sending codes, links and what goes to an address of one's choice: noted, handed over, settled."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus, NotificationUnit
from multiproduct.application.notifications.ports import MailRenderer, RenderedMail
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
from multiproduct.domain.shared import Unavailable

_S = DeliveryStatus
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
    `sending`, and nobody knows whether it went out; nor does anybody where a provider falls silent. Then what
    lets somebody in or stops something (`secrets`) is sent again, with the same message id by which a
    receiver sees that it is a repeat: who waits for a code would rather have it twice than never. Anything
    else is noted as `uncertain` and not sent again. What was surely not accepted is `planned` again."""

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
        is_awaited = bool(NOTIFICATION_TYPES[type_key].secrets & params.keys())
        # First of all: what cannot be worded was surely not sent.
        rendered = self._renderer.render(type_key, locale=to.locale, params=params)
        delivery = await self._begin(
            heard, self._delivery(heard, type_key, to, reason), is_awaited=is_awaited
        )
        if delivery is None:
            return
        try:
            await self._hand_over(heard, type_key, to, rendered)
        except MailRefused:
            await self._settle(heard, delivery, _S.FAILED, "address_refused")
        except TextRefused:
            await self._settle(heard, delivery, _S.FAILED, "number_refused")
        except (MailUncertain, TextUncertain):
            if is_awaited:
                raise
            await self._settle(heard, delivery, _S.UNCERTAIN, "no_answer")
        except Unavailable:
            await self._move(delivery, _S.SENDING, _S.PLANNED)
            raise
        else:
            await self._settle(heard, delivery, _S.SENT, reason)

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

    async def _begin(self, heard: Heard, planned: Delivery, *, is_awaited: bool) -> Delivery | None:
        """The delivery to carry out, or None where there is nothing more to do."""

        async def body(unit: NotificationUnit) -> Delivery | None:
            kept = await unit.deliveries.begin(planned)
            is_ours = kept.id == planned.id or await self._taken_up(unit, kept, is_awaited=is_awaited)
            if not is_ours:
                await unit.todos.complete(heard.todo)
            await unit.commit()
            return kept if is_ours else None

        return await in_unit(self._open, body)

    async def _taken_up(self, unit: NotificationUnit, kept: Delivery, *, is_awaited: bool) -> bool:
        """Whether what an earlier run left is to be sent. Raises LeaseLost where another run has it."""
        now = self._clock.now()
        if kept.status is _S.PLANNED:
            if not await unit.deliveries.move(
                kept.id, before=_S.PLANNED, after=_S.SENDING, reason=None, now=now
            ):
                raise LeaseLost
            return True
        if kept.status is _S.SENDING and not is_awaited:
            await unit.deliveries.move(
                kept.id, before=_S.SENDING, after=_S.UNCERTAIN, reason="died_while_sending", now=now
            )
            return False
        return kept.status is _S.SENDING

    async def _hand_over(self, heard: Heard, type_key: str, to: Recipient, rendered: RenderedMail) -> None:
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

    async def _move(self, delivery: Delivery, before: DeliveryStatus, after: DeliveryStatus) -> None:
        async def body(unit: NotificationUnit) -> None:
            now = self._clock.now()
            await unit.deliveries.move(delivery.id, before=before, after=after, reason=None, now=now)
            await unit.commit()

        await in_unit(self._open, body)

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
