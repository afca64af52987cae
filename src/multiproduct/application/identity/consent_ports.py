"""Where consents are kept."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import Consent


class Consents(Protocol):
    """Keeps the log of consents. It is only added to; nothing but an erasure touches what is there."""

    async def add(self, consent: Consent) -> None:
        """Adds a line."""
        ...

    async def standing(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The newest line of each kind, by kind, at most `limit`; also those that withdraw."""
        ...

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The log of a person, the newest line first."""
        ...

    async def anonymise(self, user_id: UUID) -> None:
        """Takes address and browser out of the lines of a person who is erased."""
        ...
