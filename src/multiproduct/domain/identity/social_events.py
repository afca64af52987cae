"""What happens to people's accounts at Google, Apple and Facebook. No event says which account it is."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.shared import Action, Event


class UnlinkReason(StrEnum):
    """Why an account is linked no more."""

    BY_OWNER = "by_owner"
    CONSENT_REVOKED = "consent_revoked"
    ACCOUNT_DELETED = "account_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class _SocialEvent(Event):
    RESOURCE = "social_account"

    account_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.account_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccountLinked(_SocialEvent):
    """Somebody can sign in with an account there. `is_new_user`: that is how the user came to be."""

    NAME = "identity.social_account_linked"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    provider: str
    is_new_user: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccountUnlinked(_SocialEvent):
    """It lets nobody in any more."""

    NAME = "identity.social_account_unlinked"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True

    provider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialMailChanged(_SocialEvent):
    """Mail to a relay address began or ceased to arrive."""

    NAME = "identity.social_mail_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    arrives: bool


SOCIAL_EVENTS: tuple[type[Event], ...] = (SocialAccountLinked, SocialAccountUnlinked, SocialMailChanged)
