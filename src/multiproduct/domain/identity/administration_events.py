"""What staff and people themselves do to accounts: invitations, standing, erasure, export, bank details."""

from dataclasses import dataclass, field
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _PersonEvent(Event):
    RESOURCE = "user"

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersRead(Event):
    """Somebody of the staff listed people. `asked` is the filter; what was searched for is masked, as it can
    be an address itself. Whom the answer named is not kept."""

    NAME = "identity.users_read"
    ACTION = Action.READ
    RESOURCE = "user"
    CONCERNS_SECURITY = False

    asked: dict[str, str] = field(default_factory=dict)
    found: int = 0

    @property
    def resource_id(self) -> str:
        return "list"

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        """What was asked for, and how many were answered: the log shows it where it shows changes."""
        return {
            **{name: (None, value) for name, value in self.asked.items()},
            "found": (None, str(self.found)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRead(_PersonEvent):
    """Somebody of the staff looked at one person's profile."""

    NAME = "identity.user_read"
    ACTION = Action.READ
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSuspended(_PersonEvent):
    """The account may not be used until it is reinstated."""

    NAME = "identity.user_suspended"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"status": ("active", "suspended")}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReinstated(_PersonEvent):
    """A suspended account may be used again."""

    NAME = "identity.user_reinstated"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"status": ("suspended", "active")}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserErased(_PersonEvent):
    """The person's data are gone; the id stays as a pseudonym in the books."""

    NAME = "identity.user_erased"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataExported(_PersonEvent):
    """Somebody took a copy of everything that is kept about them."""

    NAME = "identity.personal_data_exported"
    ACTION = Action.READ
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetailsChanged(_PersonEvent):
    """Somebody's money goes to another account from now on."""

    NAME = "identity.bank_details_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetailsRemoved(_PersonEvent):
    """Somebody took their bank details away."""

    NAME = "identity.bank_details_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _InvitationEvent(Event):
    RESOURCE = "invitation"

    invitation_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.invitation_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSent(_InvitationEvent):
    """Somebody was invited, or invited again (`generation` above 1): a mail is owed. `user_id` is whose
    password the link sets, where the account is there already."""

    NAME = "identity.invitation_sent"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    generation: int
    user_id: UUID | None = None
    roles: tuple[str, ...] = ()

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id) if self.user_id else None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"roles": (None, " ".join(self.roles))} if self.roles else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsRead(Event):
    """Somebody of the staff listed invitations."""

    NAME = "identity.invitations_read"
    ACTION = Action.READ
    RESOURCE = "invitation"
    CONCERNS_SECURITY = False

    found: int

    @property
    def resource_id(self) -> str:
        return "list"

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"found": (None, str(self.found))}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(_InvitationEvent):
    """The invitation's link is not good any more."""

    NAME = "identity.invitation_revoked"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(_InvitationEvent):
    """Whoever holds the mailbox set a password, and is `user_id` from now on."""

    NAME = "identity.invitation_accepted"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    user_id: UUID

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


ADMINISTRATION_EVENTS: tuple[type[Event], ...] = (
    UsersRead,
    UserRead,
    InvitationsRead,
    UserSuspended,
    UserReinstated,
    UserErased,
    PersonalDataExported,
    BankDetailsChanged,
    BankDetailsRemoved,
    InvitationSent,
    InvitationRevoked,
    InvitationAccepted,
)
