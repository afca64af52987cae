"""An account at a provider that lets a user in, and a sign-in there that is under way."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.domain.identity.linking import ForeignIdentity, Provider
from multiproduct.domain.identity.social_events import (
    SocialAccountLinked,
    SocialAccountUnlinked,
    SocialMailChanged,
    UnlinkReason,
)
from multiproduct.domain.shared import Aggregate

STATE_LIFETIME = timedelta(minutes=10)
NONCE_LIFETIME = timedelta(minutes=10)
TOKEN_BYTES = 32
"""What states, nonces and verifiers are made of."""


@dataclass(slots=True, kw_only=True)
class SocialAccount(Aggregate):
    """Issuer and subject belong to one user. `email` is what the provider said when it was linked, to show:
    nothing is ever decided by it. `mail_arrives` is false once Apple says that a relay address is off."""

    id: UUID
    user_id: UUID
    provider: Provider
    issuer: str
    subject: str
    email: str | None = field(default=None, repr=False)
    mail_arrives: bool = True
    linked_at: datetime
    last_used_at: datetime

    @classmethod
    def link(cls, proved: ForeignIdentity, *, id: UUID, user_id: UUID, now: datetime) -> "SocialAccount":
        """Links it to a user who was there before."""
        return cls._linked(proved, id=id, user_id=user_id, is_new_user=False, now=now)

    @classmethod
    def sign_up(cls, proved: ForeignIdentity, *, id: UUID, user_id: UUID, now: datetime) -> "SocialAccount":
        """Links it to the user who came to be by it, and is told nothing new by that."""
        return cls._linked(proved, id=id, user_id=user_id, is_new_user=True, now=now)

    @classmethod
    def _linked(
        cls, proved: ForeignIdentity, *, id: UUID, user_id: UUID, is_new_user: bool, now: datetime
    ) -> "SocialAccount":
        account = cls(
            id=id,
            user_id=user_id,
            provider=proved.provider,
            issuer=proved.issuer,
            subject=proved.subject,
            email=proved.email.display if proved.email else None,
            linked_at=now,
            last_used_at=now,
        )
        account._record(
            SocialAccountLinked(
                occurred_at=now,
                account_id=id,
                user_id=user_id,
                provider=proved.provider.value,
                is_new_user=is_new_user,
            )
        )
        return account

    def unlinked(self, reason: UnlinkReason, *, now: datetime) -> None:
        """Notes that it is linked no more."""
        self._record(
            SocialAccountUnlinked(
                occurred_at=now,
                account_id=self.id,
                user_id=self.user_id,
                provider=self.provider.value,
                reason=reason.value,
            )
        )

    def mail_changed(self, *, arrives: bool, now: datetime) -> None:
        """Notes whether mail to the relay address arrives."""
        if self.mail_arrives is arrives:
            return
        self.mail_arrives = arrives
        self._record(
            SocialMailChanged(occurred_at=now, account_id=self.id, user_id=self.user_id, arrives=arrives)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialState:
    """A sign-in (or, with `user_id`, the linking of that user) that a browser was sent away for.

    Kept are hashes: of the state, of the value in the browser's cookie, and of the nonce. The PKCE verifier
    (RFC 7636) is sealed, because the provider must be shown it.
    """

    state_hash: str
    provider: Provider
    browser_hash: str
    user_id: UUID | None
    nonce_hash: str
    verifier: bytes = field(repr=False)
    redirect_uri: str
    expires_at: datetime

    def takes(self, answer: "SocialReturn", *, now: datetime) -> bool:
        """Whether the answer may use it up. Stores decide by the same rule in one statement."""
        return now < self.expires_at and (
            self.state_hash,
            self.provider,
            self.browser_hash,
            self.user_id,
        ) == (answer.state_hash, answer.provider, answer.browser_hash, answer.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialReturn:
    """Who came back: to which state, in which browser, from where, and for whom it must have been begun."""

    state_hash: str
    provider: Provider
    browser_hash: str
    user_id: UUID | None
