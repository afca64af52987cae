"""A device key: a key that a telephone made for itself, and what it signs.

The server never sees a fingerprint or a face. The device asks for one before it uses its key, or says that
it does: without an attestation that is a claim, so that a device key proves possession of the device and no
more.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.identity.device_key_events import (
    DeviceKeyEnrolled,
    DeviceKeyLocked,
    DeviceKeyRefused,
    DeviceKeyRenamed,
    DeviceKeyRevoked,
)
from multiproduct.domain.shared import Aggregate

MAX_FAILURES = 5
"""Wrong signatures in a row that lock a key."""
MAX_DEVICE_KEYS = 20
"""That somebody may have in use at once."""
_DOMAIN = b"multiproduct/device-auth/v1"


class DeviceKeyState(StrEnum):
    """How far a key has come. A locked or revoked one never comes back: the device makes another."""

    INITIAL = "initial"
    CONFIRMED = "confirmed"
    LOCKED = "locked"
    REVOKED = "revoked"


class UserVerification(StrEnum):
    """What the device says it asks of the person before it signs."""

    PLATFORM = "platform"
    """A fingerprint, a face, or what else unlocks the device."""
    PIN = "pin"
    """A number of the application's own, judged on the device."""
    NONE = "none"


class KeyStorage(StrEnum):
    """Where the device says it keeps the key."""

    HARDWARE = "hardware"
    SOFTWARE = "software"


@dataclass(slots=True, kw_only=True)
class DeviceKey(Aggregate):
    """`key_id` is the SHA-256 of `spki` (the public key in DER, RFC 5280) in hexadecimal digits."""

    id: UUID
    user_id: UUID
    key_id: str
    spki: bytes
    name: str
    user_verification: UserVerification
    storage: KeyStorage
    state: DeviceKeyState = DeviceKeyState.INITIAL
    failures: int = 0
    created_at: datetime
    last_used_at: datetime | None = None
    locked_at: datetime | None = None
    revoked_at: datetime | None = None

    def confirm(self, *, now: datetime) -> None:
        """The device signed with it: from now on it can sign in."""
        self.state = DeviceKeyState.CONFIRMED
        self._record(DeviceKeyEnrolled(occurred_at=now, device_key_id=self.id, user_id=self.user_id))

    def rename(self, name: str, *, now: datetime) -> None:
        """Calls it otherwise; the same name changes nothing."""
        if name == self.name:
            return
        self.name = name
        self._record(DeviceKeyRenamed(occurred_at=now, device_key_id=self.id, user_id=self.user_id))

    def used(self, *, now: datetime) -> None:
        """A signature was right."""
        self.failures = 0
        self.last_used_at = now

    def refused(self, *, now: datetime) -> None:
        """A signature was wrong, the `MAX_FAILURES`th in a row locks the key. Stores count by the same rule
        in one statement."""
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.state = DeviceKeyState.LOCKED
            self.locked_at = now

    def note_refusal(self, *, now: datetime) -> None:
        """Notes the refusal that a store counted."""
        self._record(
            DeviceKeyRefused(
                occurred_at=now, device_key_id=self.id, user_id=self.user_id, failures=self.failures
            )
        )
        if self.state is DeviceKeyState.LOCKED:
            self._record(DeviceKeyLocked(occurred_at=now, device_key_id=self.id, user_id=self.user_id))

    def revoke(self, *, now: datetime) -> None:
        """Its owner gives it up."""
        self.state = DeviceKeyState.REVOKED
        self.revoked_at = now
        self._record(DeviceKeyRevoked(occurred_at=now, device_key_id=self.id, user_id=self.user_id))

    @property
    def may_sign_in(self) -> bool:
        """A key that its device uses without asking anybody is no proof of who holds the device."""
        return self.state is DeviceKeyState.CONFIRMED and self.user_verification is not UserVerification.NONE

    @property
    def methods(self) -> tuple[str, ...]:
        """What it proves, as RFC 8176 `amr` values: `hwk` or `swk`, as the device claims, and nothing about
        the person. It is one factor, whatever the device says that it asked for."""
        return ("hwk",) if self.storage is KeyStorage.HARDWARE else ("swk",)


def key_id_of(spki: bytes) -> str:
    """The name of a key: 64 hexadecimal digits."""
    return hashlib.sha256(spki).hexdigest()


def claims_hash(user_verification: UserVerification, storage: KeyStorage) -> bytes:
    """The `body_hash` of an enrolment, so that nobody else can make claims about the key."""
    return hashlib.sha256(_prefixed(user_verification.value.encode(), storage.value.encode())).digest()


NO_BODY = hashlib.sha256(b"").digest()
"""The `body_hash` of a sign-in."""


def device_message(*, rp: str, key_id: str, challenge: bytes, purpose: str, body_hash: bytes) -> bytes:
    """What a device signs: the domain, then each part with its length in bytes before it (four bytes, the
    highest first). Never the server's own bytes alone, so that a signature is good for nothing else."""
    return _DOMAIN + _prefixed(rp.encode(), key_id.encode(), challenge, purpose.encode(), body_hash)


def _prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
