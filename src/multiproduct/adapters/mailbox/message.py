"""One message in the development mailbox."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Channel = Literal["email", "sms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAttachment:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxMessage:
    """A mail, or a short message, which has neither subject nor HTML. `id` is the sender's message id."""

    id: str
    channel: Channel
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    created_at: datetime
    attachments: tuple[MailboxAttachment, ...] = ()
