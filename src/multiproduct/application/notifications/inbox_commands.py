"""What may be asked of one's inbox, checked for shape."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class ListNotifications(Command):
    """Which entries of one's inbox. What is left out does not narrow."""

    unread: bool = Field(default=False, description="Only what is unread.", examples=[True])
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WzE3XQ"]
    )
    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.", examples=[50]
    )


class ReadAll(Command):
    """Marks everything as read."""

    up_to: UUID | None = Field(
        default=None,
        description="The newest entry that the person has seen: what came after it stays unread. Everything, "
        "if it is left out.",
        examples=[_ID],
    )
