"""Where it is written down which files are somebody's picture."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import Picture


class Pictures(Protocol):
    """Keeps pictures, so that no file is forgotten: its row is there before it, and goes after it."""

    async def add(self, picture: Picture) -> None:
        """Keeps a new one."""
        ...

    async def take_up(self, id: UUID, *, made_after: datetime) -> bool:
        """Marks as used an unused one that is not older than the moment; false where there is none such."""
        ...

    async def drop(self, id: UUID, *, now: datetime) -> None:
        """Marks one as unused, if it is there and used."""
        ...

    async def is_used(self, id: UUID) -> bool:
        """Whether somebody has it."""
        ...

    async def unused(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Those that were unused before the moment, at most `limit`."""
        ...

    async def remove(self, ids: Sequence[UUID]) -> int:
        """Removes unused ones; answers how many there were."""
        ...
