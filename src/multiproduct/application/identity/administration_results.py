"""What is answered about people as staff sees them, and to people about what is kept of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.results import Result, UserView
from multiproduct.domain.identity import (
    BankDetails,
    EmailAddress,
    Invitation,
    InvitationState,
    User,
    UserStatus,
)

_NEXT = "Where the next page begins; null at the end."


class ManagedUser(UserView):
    """A user as staff sees one."""

    status: UserStatus = Field(description="`active`, `suspended` or `deleted`.", examples=["active"])

    @property
    def about(self) -> str:
        """Whose data it is."""
        return str(self.id)

    @classmethod
    def managed(cls, user: User) -> "ManagedUser":
        """Shows a user."""
        return cls(**dict(UserView.of(user)), status=user.status)


class UserList(Result):
    """A page of people."""

    items: list[ManagedUser] = Field(description="People, the newest first.")
    next_cursor: str | None = Field(description=_NEXT, examples=[None])


class InvitationView(Result):
    """An invitation, without its link."""

    id: UUID = Field(description="The invitation's id.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"])
    email: str
    first_name: str
    last_name: str
    roles: list[str]
    state: InvitationState = Field(
        description="`open`, `accepted`, `revoked` or `expired`.", examples=["open"]
    )
    invited_by: UUID | None = Field(
        description="Who invited, or null for the system.", examples=["7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"]
    )
    user_id: UUID | None = Field(
        description="Whom it is for, or whom it made; null where there is nobody yet.", examples=[None]
    )
    mails: int = Field(
        description="How many mails were sent for it; only the last one's link is good.", examples=[1]
    )
    created_at: datetime
    expires_at: datetime

    @property
    def about(self) -> str:
        """Whose data it is."""
        return EmailAddress.parse(self.email).key

    @classmethod
    def of(cls, invitation: Invitation, *, now: datetime) -> "InvitationView":
        """Shows an invitation as it stands at `now`."""
        return cls(
            id=invitation.id,
            email=invitation.email.display,
            first_name=invitation.first_name,
            last_name=invitation.last_name,
            roles=sorted(invitation.roles),
            state=invitation.state(now=now),
            invited_by=invitation.invited_by,
            user_id=invitation.user_id,
            mails=invitation.generation,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )


class InvitationList(Result):
    """A page of invitations."""

    items: list[InvitationView] = Field(description="Invitations, the newest first.")
    next_cursor: str | None = Field(description=_NEXT, examples=[None])


class PersonalData(Result):
    """Everything that is kept about somebody, each part under the name of what keeps it."""

    user_id: UUID
    exported_at: datetime = Field(
        description="When it was put together (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    data: dict[str, Any] = Field(
        description="The parts by name: `profile`, `sessions`, `sign_in_methods` and others.",
        examples=[{"profile": {"username": "tony.s"}, "sessions": []}],
    )


class BankDetailsView(Result):
    """Where somebody's money goes, the number masked."""

    holder: str = Field(description="Whose account it is.", examples=["Tony Stark"])
    bank_name: str = Field(description="What the bank is called.", examples=["West Bank"])
    bank_code: str = Field(description="The bank's code.", examples=["WESTGB22"])
    account: str = Field(description="The number's last four characters.", examples=["****5432"])
    is_iban: bool = Field(description="Whether the number is an IBAN.", examples=[True])
    updated_at: datetime

    @classmethod
    def of(cls, details: BankDetails, *, updated_at: datetime) -> "BankDetailsView":
        """Shows details."""
        return cls(
            holder=details.holder,
            bank_name=details.bank_name,
            bank_code=details.bank_code,
            account=details.masked,
            is_iban=details.iban is not None,
            updated_at=updated_at,
        )
