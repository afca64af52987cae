"""An invitation: staff asks somebody to set a password of their own, and so to become a user."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.identity.addresses import EmailAddress
from multiproduct.domain.identity.administration_events import (
    InvitationAccepted,
    InvitationRevoked,
    InvitationSent,
)
from multiproduct.domain.identity.errors import InvitationOver, TooManyInvitations
from multiproduct.domain.shared import Aggregate

LIFETIME = timedelta(days=7)
MAX_GENERATIONS = 10
"""How often one invitation can be mailed."""


class InvitationState(StrEnum):
    """What became of it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(slots=True, kw_only=True)
class Invitation(Aggregate):
    """Only the holder of the mailbox gets the link, and chooses the password: nobody of the staff ever does.

    `user_id` is whom it is for, where the account is there already, and whom it became once it was accepted.
    `generation` counts the mails; the link of an older one is void. `roles` come with the account.
    """

    id: UUID
    email: EmailAddress
    first_name: str = ""
    last_name: str = ""
    locale: str = "en"
    roles: frozenset[str] = frozenset()
    invited_by: UUID | None = None
    user_id: UUID | None = None
    key_id: str
    generation: int = 1
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None

    @classmethod
    def send(
        cls,
        *,
        id: UUID,
        email: EmailAddress,
        first_name: str,
        last_name: str,
        locale: str,
        roles: frozenset[str],
        invited_by: UUID | None,
        user_id: UUID | None,
        key_id: str,
        now: datetime,
    ) -> "Invitation":
        """A new one, good for seven days."""
        invitation = cls(
            id=id,
            email=email,
            first_name=first_name,
            last_name=last_name,
            locale=locale,
            roles=roles,
            invited_by=invited_by,
            user_id=user_id,
            key_id=key_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        invitation._note_sent(now)
        return invitation

    def state(self, *, now: datetime) -> InvitationState:
        """What became of it until `now`."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.OPEN if now < self.expires_at else InvitationState.EXPIRED

    def send_again(self, *, key_id: str, now: datetime) -> None:
        """Another mail with another link, good for seven days more. Raises InvitationOver for one that was
        accepted or revoked, TooManyInvitations after ten mails."""
        if self.accepted_at is not None or self.revoked_at is not None:
            raise InvitationOver
        if self.generation >= MAX_GENERATIONS:
            raise TooManyInvitations(max=MAX_GENERATIONS)
        self.generation += 1
        self.key_id = key_id
        self.expires_at = now + LIFETIME
        self._note_sent(now)

    def revoke(self, *, now: datetime) -> None:
        """Its link is not good any more. Raises InvitationOver for one that was accepted; revoking again
        changes nothing."""
        if self.accepted_at is not None:
            raise InvitationOver
        if self.revoked_at is None:
            self.revoked_at = now
            self._record(InvitationRevoked(occurred_at=now, invitation_id=self.id))

    def accepted(self, user_id: UUID, *, now: datetime) -> None:
        """Notes whom it made, or let in."""
        self.accepted_at = now
        self.user_id = user_id
        self._record(InvitationAccepted(occurred_at=now, invitation_id=self.id, user_id=user_id))

    def _note_sent(self, now: datetime) -> None:
        self._record(
            InvitationSent(
                occurred_at=now,
                invitation_id=self.id,
                generation=self.generation,
                user_id=self.user_id,
                roles=tuple(sorted(self.roles)),
            )
        )
