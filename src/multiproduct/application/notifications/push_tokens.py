"""Tokens of devices: checked for shape, found by a digest, and kept sealed."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from uuid import UUID

from multiproduct.application.notifications.push_commands import WebPushKeys
from multiproduct.application.notifications.push_ports import PushEncryption, PushServices, PushTarget
from multiproduct.application.ports.sealing import Sealing
from multiproduct.domain.notifications.push_device import PushDevice, PushKind, SealedToken
from multiproduct.domain.shared import FieldProblem, InvalidInput

_is_fcm_token = re.compile(r"[A-Za-z0-9_:.\-]{10,4096}").fullmatch
_is_apns_token = re.compile(r"(?:[0-9a-f]{2}){16,100}").fullmatch


def of_push_token(user_id: UUID, device_id: UUID) -> str:
    """What a device's token is sealed for."""
    return f"notifications.push_token|{user_id}|{device_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """A token that has the shape of its kind."""

    kind: PushKind
    token: str = field(repr=False)
    p256dh: bytes = field(default=b"", repr=False)
    auth: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """Finds the device that has it: SHA-256, as tokens are too long to be guessed."""
        return hashlib.sha256(f"{self.kind.value}|{self.token}".encode()).hexdigest()


class PushTokens:
    """Reads, seals and opens tokens."""

    def __init__(self, *, sealing: Sealing, services: PushServices, encryption: PushEncryption) -> None:
        self._sealing = sealing
        self._services = services
        self._encryption = encryption

    def read(self, kind: PushKind, token: str, keys: WebPushKeys | None) -> GivenToken:
        """Checks what a client gave. Raises InvalidInput."""
        if kind is PushKind.WEB:
            return self._read_subscription(token, keys)
        if keys is not None:
            raise InvalidInput(FieldProblem("keys", "not_allowed"))
        given = token.lower() if kind is PushKind.APNS else token
        is_good = _is_apns_token if kind is PushKind.APNS else _is_fcm_token
        if not is_good(given):
            raise InvalidInput(FieldProblem("token", "invalid"))
        return GivenToken(kind=kind, token=given)

    def sealed(self, given: GivenToken, *, user_id: UUID, device_id: UUID) -> SealedToken:
        """As it is kept."""
        document = {
            "token": given.token,
            "p256dh": base64.b64encode(given.p256dh).decode(),
            "auth": base64.b64encode(given.auth).decode(),
        }
        sealed = self._sealing.seal(json.dumps(document).encode(), purpose=of_push_token(user_id, device_id))
        return SealedToken(digest=given.digest, sealed=sealed)

    def opened(self, device: PushDevice) -> PushTarget | None:
        """As its provider knows it; None where its secret is retired."""
        plain = self._sealing.open(device.token.sealed, purpose=of_push_token(device.user_id, device.id))
        if plain is None:
            return None
        document = json.loads(plain)
        return PushTarget(
            device_id=device.id,
            kind=device.kind,
            token=document["token"],
            p256dh=base64.b64decode(document["p256dh"]),
            auth=base64.b64decode(document["auth"]),
        )

    def _read_subscription(self, url: str, keys: WebPushKeys | None) -> GivenToken:
        try:
            self._services.check(url)
        except InvalidInput as refused:
            problems = [FieldProblem("token", each.code, each.params) for each in refused.problems]
            raise InvalidInput(*problems) from None
        if keys is None:
            raise InvalidInput(FieldProblem("keys", "required"))
        p256dh, auth = _decoded(keys.p256dh), _decoded(keys.auth)
        if not self._encryption.is_key(p256dh, auth):
            raise InvalidInput(FieldProblem("keys", "invalid"))
        return GivenToken(kind=PushKind.WEB, token=url, p256dh=p256dh, auth=auth)


def _decoded(text: str) -> bytes:
    """The bytes of base64, URL-safe or not, with padding or without; none for a text that stands for none."""
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
