"""Challenges that a key answers: random, for one purpose, for one use, and soon over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

CHALLENGE_BYTES = 32


class CeremonyPurpose(StrEnum):
    """What an answer is good for. The values of device keys stand in the message that is signed."""

    PASSKEY_REGISTRATION = "passkey.register"
    PASSKEY_SIGN_IN = "passkey.sign-in"
    PASSKEY_CHECK = "passkey.check"
    """A passkey to prove again who one is, in a session that goes on."""
    PASSKEY_SECOND_STEP = "passkey.second-step"
    """A passkey as the second factor of one sign-in that waits for it."""
    DEVICE_KEY_ENROLMENT = "device-key.enroll"
    DEVICE_KEY_SIGN_IN = "device-key.sign-in"


_LIFETIMES = {
    CeremonyPurpose.DEVICE_KEY_ENROLMENT: timedelta(seconds=60),
    CeremonyPurpose.DEVICE_KEY_SIGN_IN: timedelta(seconds=60),
}
_PASSKEY_LIFETIME = timedelta(minutes=5)
"""People look for their telephone, or a security key in a drawer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyChallenge:
    """`audience` is the relying party that it was given out by. `user_id` is None where it is not known yet
    who will answer; `key_id` is set where just one device key may answer, or just one sign-in that waits may
    be completed: then it is the name of the key, or the id of the sign-in."""

    id: UUID
    purpose: CeremonyPurpose
    audience: str
    challenge: bytes
    user_id: UUID | None
    key_id: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    @classmethod
    def issue(
        cls,
        *,
        id: UUID,
        purpose: CeremonyPurpose,
        audience: str,
        randomness: bytes,
        user_id: UUID | None,
        key_id: str | None = None,
        now: datetime,
    ) -> "CeremonyChallenge":
        """A new one: good for 60 seconds where a device answers by itself, for 5 minutes otherwise."""
        if len(randomness) != CHALLENGE_BYTES:
            raise ValueError(f"a challenge has {CHALLENGE_BYTES} bytes")
        return cls(
            id=id,
            purpose=purpose,
            audience=audience,
            challenge=randomness,
            user_id=user_id,
            key_id=key_id,
            created_at=now,
            expires_at=now + _LIFETIMES.get(purpose, _PASSKEY_LIFETIME),
        )

    def takes(self, answer: "CeremonyAnswer", *, now: datetime) -> bool:
        """Whether an answer may use it up. Stores decide by the same rule in one statement."""
        return (
            self.used_at is None
            and now < self.expires_at
            and (self.id, self.purpose, self.audience, self.user_id, self.key_id)
            == (answer.id, answer.purpose, answer.audience, answer.user_id, answer.key_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyAnswer:
    """Which challenge is answered, and what it must have been given out for."""

    id: UUID
    purpose: CeremonyPurpose
    audience: str
    user_id: UUID | None
    key_id: str | None = None
