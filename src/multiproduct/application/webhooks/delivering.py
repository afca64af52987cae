"""One attempt at one message: signed now, sent, and judged by the rules of the specification."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.webhooks.ports import Answer, Delivery, NotDelivered, Receivers, Settlement
from multiproduct.application.webhooks.sealed_purposes import of_secret
from multiproduct.domain.webhooks import Attempt, Endpoint, Message, MessageState
from multiproduct.domain.webhooks.schedule import LONGEST_RETRY_AFTER, pause_after
from multiproduct.domain.webhooks.signing import signature

GONE = 410
_LATER = frozenset({429, 503})
MAX_RESPONSE = 1_024
"""Characters of an answer that the log keeps."""
USER_AGENT = "multiproduct-webhooks/1"
_secret_looking = re.compile(r"whsec_[A-Za-z0-9+/=_-]+|v1a?,[A-Za-z0-9+/=_-]{16,}")
_is_seconds = re.compile(r"[0-9]{1,9}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt, and what it means for the endpoint: `resume_at` where it asked to be left
    alone until then."""

    endpoint_id: UUID
    settlement: Settlement
    at: datetime
    resume_at: datetime | None = None

    @property
    def is_success(self) -> bool:
        """Whether the message was taken."""
        return self.settlement.attempt.is_success

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more of it, for good."""
        return self.settlement.attempt.status == GONE


class Delivering:
    """Signs the bytes that are kept with every secret that is good at the moment. Nothing here touches the
    store: the call stands between two transactions."""

    def __init__(
        self,
        *,
        receivers: Receivers,
        sealing: Sealing,
        real_time: RealTime,
        ids: Ids,
        randomness: Randomness,
    ) -> None:
        self._receivers = receivers
        self._sealing = sealing
        self._real_time = real_time
        self._ids = ids
        self._randomness = randomness

    async def attempt(self, endpoint: Endpoint, message: Message) -> Outcome:
        """Sends the message once. Never raises for what a receiver does."""
        started, began = self._real_time.now(), self._real_time.monotonic()
        answer, error = await self._call(endpoint, message, started)
        attempt = Attempt(
            id=self._ids.next(),
            message_id=message.id,
            number=message.attempts + 1,
            kind=message.kind,
            started_at=started,
            duration_ms=round(1000 * (self._real_time.monotonic() - began)),
            status=None if answer is None else answer.status,
            error=error,
            response="" if answer is None else shown(answer.body),
        )
        return self._judged(endpoint, message, attempt, answer)

    async def _call(
        self, endpoint: Endpoint, message: Message, started: datetime
    ) -> tuple[Answer | None, str | None]:
        keys = self._keys(endpoint, started)
        if not keys:
            return None, "secret_unreadable"
        body = message.body.encode("ascii")
        timestamp = int(started.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "webhook-id": str(message.id),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(keys, message_id=str(message.id), timestamp=timestamp, body=body),
        }
        try:
            return await self._receivers.post(
                Delivery(url=endpoint.options.url, headers=headers, body=body)
            ), None
        except NotDelivered as failure:
            return None, failure.reason

    def _keys(self, endpoint: Endpoint, now: datetime) -> list[bytes]:
        opened = (
            self._sealing.open(each.sealed, purpose=of_secret(endpoint.owner_id, each.id))
            for each in endpoint.signing(now)
        )
        return [key for key in opened if key is not None]

    def _judged(
        self, endpoint: Endpoint, message: Message, attempt: Attempt, answer: Answer | None
    ) -> Outcome:
        now, tries = self._real_time.now(), message.tries + 1
        asked = None
        if answer is not None and answer.status in _LATER:
            asked = retry_after(answer.retry_after, now=now)
        pause = pause_after(tries, spread=self._randomness.bytes(1)[0] / 256)
        state, next_at = MessageState.FAILED, None
        if attempt.is_success:
            state = MessageState.DELIVERED
        elif pause is not None and attempt.status != GONE:
            state, next_at = MessageState.PENDING, now + max(pause, asked or timedelta())
        settlement = Settlement(
            message_id=message.id,
            leased_until=message.leased_until or now,
            state=state,
            tries=tries,
            next_attempt_at=next_at,
            settled_at=None if state is MessageState.PENDING else now,
            attempt=attempt,
        )
        return Outcome(
            endpoint_id=endpoint.id,
            settlement=settlement,
            at=now,
            resume_at=None if asked is None else now + asked,
        )


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone (RFC 9110, section 10.2.3), at most 24 hours; None where it
    says nothing that can be read."""
    if value is None:
        return None
    text = value.strip()
    if _is_seconds(text):
        asked = timedelta(seconds=int(text))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta()), LONGEST_RETRY_AFTER)


def shown(body: bytes) -> str:
    """The beginning of an answer for the log, without what looks like a secret or a signature of ours."""
    text = body[: 4 * MAX_RESPONSE].decode("utf-8", "replace")
    return _secret_looking.sub("[removed]", text)[:MAX_RESPONSE]
