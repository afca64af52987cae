"""What somebody is to be told, before anything is decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.preference import Channel

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What somebody is to be told, because of the event at a position of the log.

    `reason` is a word for the delivery log. With `once_until` the person is told the same thing, by the same
    word, no second time before that moment. `left_out` are channels that something else tells it over, with
    a word for what that is.
    """

    position: int
    type_: NotificationType
    user: User
    params: Params = field(repr=False)
    reason: str
    once_until: datetime | None = None
    left_out: Mapping[Channel, str] = field(default_factory=dict)
