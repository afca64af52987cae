"""A picture of a person: a file that was written before it is known whether anybody will use it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PREFIX = "avatars/"
"""Before the picture's id in a user's `avatar`; anything else there is an address elsewhere."""
TIME_TO_TAKE_UP = timedelta(minutes=10)
KEPT_UNUSED = timedelta(hours=1)
"""Longer than the time to take a picture up, so that no file is removed while somebody is about to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Begins unused, is taken up by the profile, and is unused again when another takes its place. The row
    outlives the person: it stands for a file that has to be removed."""

    id: UUID
    user_id: UUID
    created_at: datetime
    unused_since: datetime | None

    @property
    def reference(self) -> str:
        """What stands in a user's `avatar`."""
        return f"{PREFIX}{self.id}"


def picture_of(avatar: str | None) -> UUID | None:
    """The id of one's own picture, or None for an address elsewhere, or none."""
    if avatar is None or not avatar.startswith(PREFIX):
        return None
    try:
        return UUID(avatar.removeprefix(PREFIX))
    except ValueError:
        return None
