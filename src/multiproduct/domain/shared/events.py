"""Events: facts that aggregates record, written with the change itself and heard by reactions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Action(StrEnum):
    """The verb under which an event stands in the audit log."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    LOGIN = "login"
    LOGOUT = "logout"
    PAYMENT = "payment"
    SUBSCRIPTION = "subscription"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, in the past tense. Names are public API; secrets never stand in one.

    `NAME` is `context.fact`; `ACTION` and `RESOURCE` place it in the audit log. `CONCERNS_SECURITY` is
    whether those who watch over the service are told of it at once: of whatever lets somebody in or keeps
    them out, of what protects accounts, of who may do what, and of people's data leaving.
    """

    NAME: ClassVar[str]
    ACTION: ClassVar[Action]
    RESOURCE: ClassVar[str]
    CONCERNS_SECURITY: ClassVar[bool]

    occurred_at: datetime

    @property
    def resource_id(self) -> str:
        """The id of what the event is about."""
        raise NotImplementedError

    @property
    def subject_user_id(self) -> str | None:
        """The id of the user whom the event is about, where there is one."""
        return None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        """Changed fields, before and after, with secrets left out."""
        return {}
