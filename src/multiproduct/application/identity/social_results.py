"""What social sign-in answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import Provider, SocialAccount


class SocialNonce(Result):
    """A nonce for one ID token."""

    nonce: str = Field(repr=False)
    expires_at: datetime


class SocialStart(Result):
    """Where the browser is to be sent."""

    url: str = Field(repr=False)
    expires_at: datetime


class SocialDeparture(SocialStart):
    """The same with what must be kept in the browser, and nowhere else, until it comes back. `posts_back`:
    it will come back by a form from the provider's site."""

    browser: str = Field(repr=False)
    posts_back: bool


class SocialAccountView(Result):
    """A linked account as its owner sees it."""

    id: UUID
    provider: Provider
    email: str | None
    mail_arrives: bool
    linked_at: datetime
    last_used_at: datetime

    @classmethod
    def of(cls, account: SocialAccount) -> "SocialAccountView":
        """Shows an account."""
        return cls(
            id=account.id,
            provider=account.provider,
            email=account.email,
            mail_arrives=account.mail_arrives,
            linked_at=account.linked_at,
            last_used_at=account.last_used_at,
        )


class SocialAccountList(Result):
    """Every linked account; there is never a second page."""

    items: list[SocialAccountView]
    next_cursor: str | None = None
