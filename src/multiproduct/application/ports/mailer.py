"""Sending one electronic mail."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from multiproduct.domain.shared.errors import Kind, MultiproductError, Unavailable

# Also what Python, and some servers with it, take for the end of a line (NEL, LINE and PARAGRAPH SEPARATOR).
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

MAX_ATTACHED_BYTES = 5 * 2**20
"""Of one mail, before it is encoded for the way, which adds a third."""
_LONGEST_NAME = 100
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')
_is_media_type = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}").fullmatch


class MailRefused(MultiproductError):
    """The mail can never be delivered like this. `reason` is a word for the log, never an address.

    The reasons are `line_break` (a header would hold one), `invalid_address`, `address_unsupported` (it needs
    SMTPUTF8 and the server has none), `recipient` (the server refused it for good), and `attachment` (its
    name or its type cannot be a header) or `attachments_too_large`.
    """

    code = "mail_refused"
    kind = Kind.INVALID

    def __init__(self, *, reason: str, status: int | None = None) -> None:
        super().__init__(reason=reason, status=status)


class MailUncertain(Unavailable):
    """Whoever takes mails fell silent after the last line: nobody here can know whether it has the mail.

    Where a second copy does less harm than none the same mail may be sent again, as after Unavailable.
    """

    code = "mail_uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a mail. `media_type` is `type/subtype`, without parameters. What is in it is left
    out of the representation.

    Raises MailRefused for a name that is none, or that leads elsewhere when it is saved.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        is_name = 0 < len(self.name) <= _LONGEST_NAME and self.name.isprintable() and self.name.strip(". ")
        if not is_name or set(self.name) & _NOT_IN_NAMES or not _is_media_type(self.media_type):
            raise MailRefused(reason="attachment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with both parts. `message_id` (without brackets) is the same for every attempt at the same mail,
    so that a receiver can tell a repeated one. Bodies hold secrets: they are left out of the representation.
    `unsubscribe_url` is where one POST ends such mails (RFC 8058), given for commercial ones only.
    `attachments` have at most 5 MiB together, which every server takes.

    Raises MailRefused where a line break or another control character stands in what becomes a header, and
    for attachments that are too large.
    """

    message_id: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str = "en"
    unsubscribe_url: str | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if sum(len(each.content) for each in self.attachments) > MAX_ATTACHED_BYTES:
            raise MailRefused(reason="attachments_too_large")
        for header in (self.message_id, self.to, self.subject, self.locale, self.unsubscribe_url or ""):
            if _CONTROL_CHARACTER.search(header):
                raise MailRefused(reason="line_break")


class Mailer(Protocol):
    """Hands a mail to whoever delivers it. Promises that a return means it was accepted for delivery."""

    async def send(self, mail: Mail) -> None:
        """Raises MailRefused when trying again is of no use, Unavailable when it may help, and MailUncertain,
        which is one, where it may have been accepted all the same."""
        ...
