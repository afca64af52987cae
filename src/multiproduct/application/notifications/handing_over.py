"""Handing one worded notice over to whoever delivers it, and what that came to."""

from dataclasses import dataclass

from multiproduct.application.notifications.attaching import Attaching
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notices import Notice
from multiproduct.application.notifications.ports import MailRenderer, Pushes
from multiproduct.application.notifications.push_ports import PushMessage
from multiproduct.application.notifications.push_results import PushState
from multiproduct.application.notifications.text_segments import in_fewer_segments
from multiproduct.application.notifications.unsubscribe_tokens import UnsubscribeTokens
from multiproduct.application.ports.mailer import Mail, Mailer, MailRefused, MailUncertain
from multiproduct.application.ports.texter import Text, Texter, TextRefused, TextUncertain
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.identity import EmailAddress, PhoneNumber
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared import Unavailable

_S = DeliveryStatus
_PUSHED = {
    PushState.SENT: _S.SENT,
    PushState.NO_DEVICES: _S.SKIPPED,
    PushState.FAILED: _S.FAILED,
    PushState.UNCERTAIN: _S.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Handover:
    """What came of one. `reason` is None where the delivery keeps its own. With an `error` it was surely not
    accepted, and is `planned` again."""

    status: DeliveryStatus
    reason: str | None = None
    error: Unavailable | None = None


class HandingOver:
    """Calls out: never within a unit. Nothing is repeated in here."""

    def __init__(
        self,
        *,
        mailer: Mailer,
        texter: Texter | None,
        pushes: Pushes,
        renderer: MailRenderer,
        links: Links,
        unsubscribing: UnsubscribeTokens,
        attaching: Attaching,
    ) -> None:
        self._mailer = mailer
        self._texter = texter
        self._pushes = pushes
        self._renderer = renderer
        self._links = links
        self._unsubscribing = unsubscribing
        self._attaching = attaching

    async def hand_over(self, notice: Notice, delivery: Delivery) -> Handover:
        """By the delivery's channel, with the same message id whenever it is tried. Raises nothing that a
        provider does."""
        try:
            return await self._by_channel(notice, delivery)
        except (MailUncertain, TextUncertain):
            return Handover(_S.UNCERTAIN, "no_answer")
        except Unavailable as error:
            return Handover(_S.PLANNED, error=error)
        except TransientFailure:
            # Of the store, which is read before anything is sent.
            return Handover(_S.PLANNED, error=Unavailable(what="database"))
        except MailRefused:
            return Handover(_S.FAILED, "address_refused")
        except TextRefused:
            return Handover(_S.FAILED, "number_refused")

    async def _by_channel(self, notice: Notice, delivery: Delivery) -> Handover:
        message_id = f"{notice.type_.key}.{notice.position}.{delivery.channel}.{notice.user.id.hex}"
        channel = Channel(delivery.channel)
        if channel is Channel.EMAIL and notice.user.email is not None:
            await self._mail(notice, notice.user.email, message_id)
            return Handover(_S.SENT)
        if channel is Channel.SMS and notice.user.phone is not None and self._texter is not None:
            await self._text(notice, notice.user.phone, self._texter, message_id)
            return Handover(_S.SENT)
        if channel is Channel.PUSH:
            return await self._push(notice, message_id)
        return Handover(_S.SKIPPED, f"no_{channel.value}")

    async def _mail(self, notice: Notice, to: EmailAddress, message_id: str) -> None:
        unsubscribe_url = None
        if notice.type_.is_commercial:
            unsubscribe_url = self._links.unsubscribe(self._unsubscribing.of(notice.user.id))
        rendered = self._renderer.render(
            notice.type_.key,
            locale=notice.user.locale,
            params=notice.params,
            unsubscribe_url=unsubscribe_url,
        )
        await self._mailer.send(
            Mail(
                message_id=message_id,
                to=to.display,
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                locale=rendered.locale,
                unsubscribe_url=unsubscribe_url,
                attachments=await self._attaching.of(notice),
            )
        )

    async def _text(self, notice: Notice, to: PhoneNumber, texter: Texter, message_id: str) -> None:
        rendered = self._renderer.render(notice.type_.key, locale=notice.user.locale, params=notice.params)
        await texter.send(
            Text(
                message_id=message_id,
                to=str(to),
                body=in_fewer_segments(rendered.short),
                locale=rendered.locale,
            )
        )

    async def _push(self, notice: Notice, message_id: str) -> Handover:
        said = self._renderer.notice(notice.type_.key, locale=notice.user.locale, params=notice.params)
        outcome = await self._pushes.send(
            notice.user.id,
            PushMessage(
                type_key=notice.type_.key,
                title=said.title,
                body=said.body,
                locale=said.locale,
                collapse_key=notice.type_.key,
                message_id=message_id,
                data={"type": notice.type_.key, "event_position": str(notice.position)},
            ),
        )
        if outcome.retry_after is not None and outcome.state is PushState.FAILED:
            return Handover(
                _S.PLANNED, error=Unavailable(what="push", retry_after=max(1, outcome.retry_after))
            )
        return Handover(_PUSHED[outcome.state], outcome.reason)
