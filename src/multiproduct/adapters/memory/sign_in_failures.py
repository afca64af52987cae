"""Wrong passwords in a row in memory."""

from collections.abc import Sequence
from datetime import datetime

from multiproduct.adapters.memory.tables import Staged
from multiproduct.domain.identity import SignInFailures


class MemorySignInFailures:
    """A count is held by being the only writer."""

    def __init__(self, *, rows: Staged[str, SignInFailures]) -> None:
        self._rows = rows

    async def find(self, key: str) -> SignInFailures | None:
        """The count, if anything was counted."""
        return self._rows.get(key)

    async def hold(self, key: str) -> SignInFailures:
        """The count, an unused one if there is none."""
        return self._rows.get(key) or SignInFailures(key=key)

    async def save(self, failures: SignInFailures) -> None:
        """Writes a count that this unit holds."""
        self._rows.put(failures)

    async def forget(self, keys: Sequence[str]) -> None:
        """Removes the counts."""
        for key in keys:
            self._rows.remove(key)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those whose last failure was before the moment."""
        return self._rows.purge(
            lambda row: row.last_failed_at is None or row.last_failed_at < before, limit=limit
        )
