"""The `Pusher` port on Apple's Push Notification service ("Sending notification requests to APNs").

APNs speaks HTTP/2 alone: the web client has to.
"""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID, uuid5

from multiproduct.adapters.push.answering import (
    ACCEPTED,
    by_status,
    credentials_refused,
    document_of,
    unreached,
    word_of,
)
from multiproduct.adapters.push.fitting import LIFETIME_SECONDS, fitted, short_key
from multiproduct.application.notifications.push_ports import (
    PushAnswer,
    PushMessage,
    PushTarget,
    PushVerdict,
    TokenSigner,
)
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.web_client import WebAnswer, WebClient, WebRequest, WebUnreachable

DEFAULT_URL = "https://api.push.apple.com"
_NAME = "APNs"
_TOKEN_AGE = timedelta(minutes=40)
"""APNs refuses a token that is older than an hour, and whoever makes them more often than every 20
minutes."""
_LEAST_TOKEN_AGE = timedelta(minutes=20)
_SENDING_SECONDS = 10.0
_MOST_BYTES = 4_096
_MOST_ANSWER = 4_096
_MESSAGES = UUID("6f1a3c55-2f0e-5c0a-9b7e-8a4d2e6b1c90")
_OF_OUR_TOKEN = frozenset({"ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken"})
_GONE = frozenset({"Unregistered", "ExpiredToken"})


class ApnsPusher:
    """One token of ours for all, renewed every 40 minutes, or where APNs calls it expired and it is 20
    minutes old."""

    def __init__(
        self,
        *,
        web: WebClient,
        signer: TokenSigner,
        team_id: str,
        topic: str,
        real_time: RealTime,
        url: str = DEFAULT_URL,
    ) -> None:
        """`topic` is the app's bundle id."""
        self._web = web
        self._signer = signer
        self._team_id = team_id
        self._topic = topic
        self._real_time = real_time
        self._url = f"{url.rstrip('/')}/3/device"
        self._token, self._made_at = "", datetime.min.replace(tzinfo=UTC)

    def lane(self, target: PushTarget) -> str:
        """See the port."""
        del target
        return "apns"

    async def push(self, message: PushMessage, target: PushTarget) -> PushAnswer:
        """See the port."""
        try:
            body = fitted(message, _document, most=_MOST_BYTES)
        except ValueError:
            return PushAnswer(verdict=PushVerdict.REFUSED, reason="too_long")
        try:
            token = self._provider_token(_TOKEN_AGE)
            answer = await self._post(message, target, body, token)
            if answer.status == 403 and _reason(answer) == "ExpiredProviderToken":
                renewed = self._provider_token(_LEAST_TOKEN_AGE)
                if renewed != token:
                    answer = await self._post(message, target, body, renewed)
        except WebUnreachable as error:
            return unreached(error, _NAME)
        return self._meaning(answer)

    async def _post(self, message: PushMessage, target: PushTarget, body: bytes, token: str) -> WebAnswer:
        expires_at = int(self._real_time.now().timestamp()) + LIFETIME_SECONDS
        headers = {
            "authorization": f"bearer {token}",
            "apns-id": str(uuid5(_MESSAGES, f"{message.message_id}|{target.device_id}")),
            "apns-topic": self._topic,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": str(expires_at),
            "apns-collapse-id": short_key(message.collapse_key, most=64),
            "content-type": "application/json",
        }
        return await self._web.send(
            WebRequest(
                method="POST",
                url=f"{self._url}/{quote(target.token, safe='')}",
                headers=headers,
                body=body,
                timeout=_SENDING_SECONDS,
                max_bytes=_MOST_ANSWER,
            )
        )

    def _meaning(self, answer: WebAnswer) -> PushAnswer:
        reason = _reason(answer)
        if answer.status == 200:
            return ACCEPTED
        if answer.status == 410:
            gone_since = _timestamp(answer)
            if reason in _GONE and gone_since is not None:
                return PushAnswer(verdict=PushVerdict.GONE, reason=reason, gone_since=gone_since)
            # Without the moment nobody knows which token is meant: it may have been refreshed since.
            return PushAnswer(verdict=PushVerdict.REFUSED, reason="strange_answer")
        if answer.status == 403 and reason in _OF_OUR_TOKEN:
            return credentials_refused(_NAME, reason)
        if answer.status == 429 and reason == "TooManyRequests":
            # For this one device: the others' messages need not wait.
            return PushAnswer(verdict=PushVerdict.LATER, reason=reason)
        return by_status(answer, _NAME, now=self._real_time.now(), reason=reason)

    def _provider_token(self, most: timedelta) -> str:
        """Ours, which is renewed where it is older than that."""
        now = self._real_time.now()
        if now - self._made_at >= most:
            self._token = self._signer.signed({"iss": self._team_id, "iat": int(now.timestamp())})
            self._made_at = now
        return self._token


def _document(message: PushMessage) -> bytes:
    document = {
        "aps": {
            "alert": {"title": message.title, "body": message.body},
            "sound": "default",
            "thread-id": message.type_key,
        },
        "type": message.type_key,
        "id": message.message_id,
        "data": dict(message.data),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _reason(answer: WebAnswer) -> str:
    return word_of(document_of(answer).get("reason")) or f"status_{answer.status}"


def _timestamp(answer: WebAnswer) -> datetime | None:
    """The moment that a 410 tells, in milliseconds since 1970."""
    told = document_of(answer).get("timestamp")
    if not isinstance(told, int) or isinstance(told, bool):
        return None
    try:
        return datetime.fromtimestamp(told / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
