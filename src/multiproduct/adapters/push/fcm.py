"""The `Pusher` port on Firebase Cloud Messaging, HTTP v1 API ("FCM REST API", projects.messages.send)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

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

DEFAULT_URL = "https://fcm.googleapis.com"
_NAME = "FCM"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 3_600
_RENEWED_BEFORE_SECONDS = 300
_MOST_TOKEN_SECONDS = 3_600
_SENDING_SECONDS = 8.0
_TOKEN_SECONDS = 4.0
_MOST_BYTES = 4_096
_MOST_ANSWER = 65_536
_RESERVED = ("from", "notification", "message_type", "collapse_key")
_RESERVED_BEGINNINGS = ("google", "gcm")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """Who asks Google, as the JSON file of a service account says."""

    project_id: str
    client_email: str
    private_key_id: str
    token_uri: str
    private_key: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "ServiceAccount":
        """Reads the file's JSON. Raises ValueError that repeats nothing of it."""
        try:
            given = json.loads(text)
        except ValueError:
            raise ValueError("it is not the JSON of a service account") from None
        names = ("project_id", "client_email", "private_key_id", "token_uri", "private_key")
        found: dict[str, str] = {}
        for name in names:
            value = given.get(name) if isinstance(given, dict) else None
            if not isinstance(value, str) or not value:
                raise ValueError(f"the JSON of the service account lacks {name}")
            found[name] = value
        return cls(**found)


class _AccessRefused(Exception):
    """There is no access token. `answer` says what that means for the message."""

    def __init__(self, answer: PushAnswer) -> None:
        self.answer = answer
        super().__init__(answer.reason)


class FcmPusher:
    """Access tokens (RFC 7523) are asked for once, whoever needs them, and used until shortly before their
    end. One that is refused is renewed once."""

    def __init__(
        self,
        *,
        web: WebClient,
        account: ServiceAccount,
        signer: TokenSigner,
        real_time: RealTime,
        url: str = DEFAULT_URL,
    ) -> None:
        self._web = web
        self._account = account
        self._signer = signer
        self._real_time = real_time
        self._url = f"{url.rstrip('/')}/v1/projects/{quote(account.project_id, safe='')}/messages:send"
        self._renewing = asyncio.Lock()
        self._token, self._good_until = "", 0.0
        self._refusal, self._refused_until = ACCEPTED, 0.0

    def lane(self, target: PushTarget) -> str:
        """See the port."""
        del target
        return "fcm"

    async def push(self, message: PushMessage, target: PushTarget) -> PushAnswer:
        """See the port."""
        try:
            body = fitted(message, lambda each: _document(each, target.token), most=_MOST_BYTES)
        except ValueError:
            return PushAnswer(verdict=PushVerdict.REFUSED, reason="too_long")
        try:
            token = await self._access_token(besides="")
            answer = await self._post(body, token)
            if answer.status == 401:
                answer = await self._post(body, await self._access_token(besides=token))
        except _AccessRefused as refused:
            return refused.answer
        except WebUnreachable as error:
            return unreached(error, _NAME)
        return self._meaning(answer)

    async def _post(self, body: bytes, token: str) -> WebAnswer:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await self._web.send(
            WebRequest(
                method="POST",
                url=self._url,
                headers=headers,
                body=body,
                timeout=_SENDING_SECONDS,
                max_bytes=_MOST_ANSWER,
            )
        )

    def _meaning(self, answer: WebAnswer) -> PushAnswer:
        document = document_of(answer)
        if answer.status == 200:
            if isinstance(document.get("name"), str):
                return ACCEPTED
            return PushAnswer(verdict=PushVerdict.UNCERTAIN, reason="strange_answer")
        code = _error_code(document)
        if answer.status == 404 and code == "UNREGISTERED":
            return PushAnswer(verdict=PushVerdict.GONE, reason="UNREGISTERED")
        if answer.status == 401 and code != "THIRD_PARTY_AUTH_ERROR":
            return credentials_refused(_NAME, code or "status_401")
        if answer.status == 403 and code != "SENDER_ID_MISMATCH":
            return credentials_refused(_NAME, code or "status_403")
        return by_status(answer, _NAME, now=self._real_time.now(), reason=code)

    async def _access_token(self, *, besides: str) -> str:
        """A token other than the one given. Raises _AccessRefused, for a moment without asking again: those
        that waited for one that could not be had must not wait for it one after the other."""
        async with self._renewing:
            now = self._real_time.monotonic()
            if self._token != besides and now < self._good_until:
                return self._token
            if now < self._refused_until:
                raise _AccessRefused(self._refusal)
            try:
                await self._renew()
            except _AccessRefused as refused:
                self._refusal = refused.answer
                self._refused_until = self._real_time.monotonic() + (refused.answer.retry_after or 1)
                raise
            return self._token

    async def _renew(self) -> None:
        now = int(self._real_time.now().timestamp())
        claims: dict[str, str | int] = {
            "iss": self._account.client_email,
            "scope": _SCOPE,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        form = urlencode({"grant_type": _GRANT, "assertion": self._signer.signed(claims)})
        request = WebRequest(
            method="POST",
            url=self._account.token_uri,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
            body=form.encode(),
            timeout=_TOKEN_SECONDS,
            max_bytes=_MOST_ANSWER,
        )
        try:
            answer = await self._web.send(request)
        except WebUnreachable:
            # Whatever became of the request for a token: the message itself was not sent.
            raise _AccessRefused(PushAnswer(verdict=PushVerdict.LATER, reason="no_access_token")) from None
        self._token, seconds = self._granted(answer)
        self._good_until = self._real_time.monotonic() + max(0, seconds - _RENEWED_BEFORE_SECONDS)

    def _granted(self, answer: WebAnswer) -> tuple[str, int]:
        document = document_of(answer)
        token, seconds = document.get("access_token"), document.get("expires_in")
        if answer.status == 200 and _is_token(token) and isinstance(seconds, int):
            return str(token), min(seconds, _MOST_TOKEN_SECONDS)
        if answer.status == 429 or answer.status >= 500:
            later = by_status(answer, _NAME, now=self._real_time.now())
            raise _AccessRefused(
                PushAnswer(verdict=PushVerdict.LATER, reason="no_access_token", retry_after=later.retry_after)
            )
        raise _AccessRefused(credentials_refused(_NAME, word_of(document.get("error")) or "strange_answer"))


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= 8_192


def _document(message: PushMessage, token: str) -> bytes:
    key = short_key(message.collapse_key, most=64)
    document = {
        "message": {
            "token": token,
            "notification": {"title": message.title, "body": message.body},
            "data": {
                "type": message.type_key,
                "id": message.message_id,
                **{_data_name(name): value for name, value in message.data.items()},
            },
            "android": {
                "collapse_key": key,
                "priority": "HIGH",
                "ttl": f"{LIFETIME_SECONDS}s",
                "notification": {"tag": key},
            },
            "apns": {"headers": {"apns-collapse-id": key}},
        }
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _data_name(name: str) -> str:
    """FCM refuses a message with names that it has a use of its own for."""
    is_reserved = name in _RESERVED or name.startswith(_RESERVED_BEGINNINGS)
    return f"data_{name}" if is_reserved else name


def _error_code(document: Mapping[str, Any]) -> str | None:
    """FCM's own word, else Google's for the status."""
    error = document.get("error")
    if not isinstance(error, dict):
        return None
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and (code := word_of(detail.get("errorCode"))):
            return code
    return word_of(error.get("status"))
