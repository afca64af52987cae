"""The `Pusher` port on the push services of browsers: RFC 8030, with VAPID (RFC 8292)."""

import base64
import hashlib
import json
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from multiproduct.adapters.push.answering import ACCEPTED, by_status, unreached
from multiproduct.adapters.push.fitting import LIFETIME_SECONDS, fitted
from multiproduct.application.notifications.push_ports import (
    PushAddressRefused,
    PushAnswer,
    PushEncryption,
    PushMessage,
    PushServices,
    PushTarget,
    PushUnreachable,
    PushVerdict,
    PushWait,
    TokenSigner,
)
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.web_client import WebUnreachable

_NAME = "a push service"
_MOST_BYTES = 3_993
_TOPIC_CHARACTERS = 32
_TOKEN_LIFETIME = timedelta(hours=12)
"""At most 24 hours (RFC 8292, section 2)."""
_TOKEN_AGE = timedelta(hours=6)
_MOST_TOKENS = 1_000
"""Kept, one for each push service: people choose which there are."""


class WebPusher:
    """Push services see neither title nor body; they see how long it is, and that two messages have one
    topic."""

    def __init__(
        self,
        *,
        services: PushServices,
        encryption: PushEncryption,
        signer: TokenSigner,
        public_key: str,
        contact: str,
        real_time: RealTime,
    ) -> None:
        """`contact` is a mailto: or https: address where the operators of push services reach ours;
        `public_key` is that of the signer, in URL-safe base64."""
        self._services = services
        self._encryption = encryption
        self._signer = signer
        self._public_key = public_key
        self._contact = contact
        self._real_time = real_time
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def lane(self, target: PushTarget) -> str:
        """See the port."""
        return f"web|{_origin(target.token)}"

    async def push(self, message: PushMessage, target: PushTarget) -> PushAnswer:
        """See the port."""
        try:
            plaintext = fitted(message, _document, most=_MOST_BYTES)
            body = self._encryption.encrypted(plaintext, p256dh=target.p256dh, auth=target.auth)
        except ValueError:
            return PushAnswer(verdict=PushVerdict.REFUSED, reason="not_encrypted")
        headers = {
            "authorization": f"vapid t={self._token(_origin(target.token))}, k={self._public_key}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(LIFETIME_SECONDS),
            "urgency": "normal",
            "topic": _topic(message.collapse_key),
        }
        try:
            answer = await self._services.post(target.token, headers=headers, body=body)
        except PushAddressRefused:
            return PushAnswer(verdict=PushVerdict.REFUSED, reason="address_refused")
        except PushUnreachable as error:
            return unreached(WebUnreachable(error.reason, unsent=error.unsent), _NAME)
        if answer.status in {200, 201, 202, 204}:
            return ACCEPTED
        if answer.status in {404, 410}:
            return PushAnswer(verdict=PushVerdict.GONE, reason=f"status_{answer.status}")
        # Whoever registers chooses the address, so one address that is always busy must cost nobody else.
        return replace(by_status(answer, _NAME, now=self._real_time.now()), waits=PushWait.DEVICE)

    def _token(self, origin: str) -> str:
        """One for all messages to a push service, for six hours."""
        now = self._real_time.monotonic()
        token, good_until = self._tokens.pop(origin, ("", 0.0))
        if now >= good_until:
            expires_at = self._real_time.now() + _TOKEN_LIFETIME
            token = self._signer.signed(
                {"aud": origin, "exp": int(expires_at.timestamp()), "sub": self._contact}
            )
            good_until = now + _TOKEN_AGE.total_seconds()
        self._tokens[origin] = (token, good_until)
        if len(self._tokens) > _MOST_TOKENS:
            self._tokens.popitem(last=False)
        return token


def _document(message: PushMessage) -> bytes:
    document = {
        "title": message.title,
        "body": message.body,
        "locale": message.locale,
        "tag": message.collapse_key,
        "type": message.type_key,
        "id": message.message_id,
        "data": dict(message.data),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _topic(collapse_key: str) -> str:
    """At most 32 characters of URL-safe base64 (RFC 8030, section 5.4), the same for the same key."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(collapse_key.encode()).digest())
    return digest.decode()[:_TOPIC_CHARACTERS]


def _origin(url: str) -> str:
    """Scheme and authority, in lower case and without a default port, as RFC 6454, section 6.2 has it."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(scheme)
    return f"{scheme}://{shown}" if parts.port in {None, usual} else f"{scheme}://{shown}:{parts.port}"
