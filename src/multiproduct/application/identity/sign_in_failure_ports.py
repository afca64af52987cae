"""What counting wrong passwords needs: where the counts are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from multiproduct.domain.identity.sign_in_failures import SignInFailures


class SignInFailureCounts(Protocol):
    """Keeps how many wrong passwords in a row were tried for each name."""

    async def find(self, key: str) -> SignInFailures | None:
        """The count as it is committed; None where nothing was counted."""
        ...

    async def hold(self, key: str) -> SignInFailures:
        """The count, an unused one if there is none, held by this unit until it ends: rivals wait."""
        ...

    async def save(self, failures: SignInFailures) -> None:
        """Writes a count that this unit holds."""
        ...

    async def forget(self, keys: Sequence[str]) -> None:
        """Removes the counts of at most ten names, in one statement."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those whose last failure was before the moment, or that never counted any, at most `limit`;
        answers how many."""
        ...
