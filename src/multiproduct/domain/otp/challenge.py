"""A challenge: a one-time code owed to an address for one purpose, and the few answers it takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.otp.events import (
    ChallengeAnswered,
    ChallengeIssued,
    ChallengeVoided,
    WrongCodeGiven,
)
from multiproduct.domain.shared import Aggregate


class Purpose(StrEnum):
    """What a right answer is good for. A code for one purpose is worth nothing for another."""

    REGISTRATION = "registration"
    LOGIN = "login"
    PHONE_SIGN_IN = "phone_sign_in"
    """Signs in whoever has the number, and makes an account for a number that nobody has."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a purpose, not a password
    EMAIL_CHANGE = "email_change"
    PHONE_CHANGE = "phone_change"
    STEP_UP = "step_up"
    SECOND_FACTOR = "second_factor"
    """Completes a sign-in whose first factor was right, where texts are a second one."""


class Channel(StrEnum):
    """How the code travels."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtpPolicy:
    """The figures of the installation."""

    digits: int = 6
    lifetime: timedelta = timedelta(minutes=10)
    max_attempts: int = 5


@dataclass(slots=True, kw_only=True)
class Challenge(Aggregate):
    """A code is not stored: it is derived from the challenge and its generation under the pepper `key_id`.

    `subject` is the key of the address the code goes to, `address` the address as it was typed.
    """

    id: UUID
    purpose: Purpose
    channel: Channel
    subject: str
    address: str
    locale: str
    key_id: str
    created_at: datetime
    expires_at: datetime
    max_attempts: int
    generation: int = 1
    attempts: int = 0
    used_at: datetime | None = None
    voided_at: datetime | None = None

    @classmethod
    def issue(
        cls,
        *,
        id: UUID,
        purpose: Purpose,
        channel: Channel,
        subject: str,
        address: str,
        locale: str,
        key_id: str,
        policy: OtpPolicy,
        muted: bool,
        now: datetime,
    ) -> "Challenge":
        """A fresh challenge, whose code is now owed to the address unless it is `muted`."""
        challenge = cls(
            id=id,
            purpose=purpose,
            channel=channel,
            subject=subject,
            address=address,
            locale=locale,
            key_id=key_id,
            created_at=now,
            expires_at=now + policy.lifetime,
            max_attempts=policy.max_attempts,
        )
        challenge._record_issue(muted=muted, now=now)
        return challenge

    def is_live(self, *, now: datetime) -> bool:
        """Whether an answer would be evaluated. The lifetime is half-open: at `expires_at` it is over."""
        return (
            self.used_at is None
            and self.voided_at is None
            and self.attempts < self.max_attempts
            and now < self.expires_at
        )

    def renewed(self) -> None:
        """A newer code replaces the older one. The lifetime still runs from the first."""
        self.generation += 1

    def owed_again(self, *, muted: bool, now: datetime) -> None:
        """Notes that the newer code is owed to the address."""
        self._record_issue(muted=muted, now=now)

    def takes_link(self, *, now: datetime) -> bool:
        """Whether the mail's link is good. Wrong codes do not spoil it: nobody can guess 128 bits."""
        return self.used_at is None and now < self.expires_at

    def answered_right(self, *, now: datetime) -> None:
        """Notes the one right answer."""
        self.used_at = now
        self._record(ChallengeAnswered(occurred_at=now, challenge_id=self.id, purpose=self.purpose.value))

    def answered_wrong(self, *, now: datetime) -> bool:
        """Notes a wrong answer that was already counted; true when it was the last one permitted."""
        self._record(
            WrongCodeGiven(
                occurred_at=now, challenge_id=self.id, purpose=self.purpose.value, attempt=self.attempts
            )
        )
        if self.attempts < self.max_attempts:
            return False
        self.voided_at = now
        self._record(ChallengeVoided(occurred_at=now, challenge_id=self.id, purpose=self.purpose.value))
        return True

    def _record_issue(self, *, muted: bool, now: datetime) -> None:
        self._record(
            ChallengeIssued(
                occurred_at=now,
                challenge_id=self.id,
                purpose=self.purpose.value,
                channel=self.channel.value,
                generation=self.generation,
                muted=muted,
            )
        )
