"""Sending one electronic mail."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from multiproduct.domain.shared.errors import Kind, MultiproductError

# Also what Python, and some servers with it, take for the end of a line (NEL, LINE and PARAGRAPH SEPARATOR).
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class MailRefused(MultiproductError):
    """The mail can never be delivered like this. `reason` is a word for the log, never an address.

    The reasons are `line_break` (a header would hold one), `invalid_address`, `address_unsupported` (it needs
    SMTPUTF8 and the server has none) and `recipient` (the server refused it for good).
    """

    code = "mail_refused"
    kind = Kind.INVALID

    def __init__(self, *, reason: str, status: int | None = None) -> None:
        super().__init__(reason=reason, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with both parts. `message_id` (without brackets) is the same for every attempt at the same mail,
    so that a receiver can tell a repeated one. Bodies hold secrets: they are left out of the representation.

    Raises MailRefused where a line break or another control character stands in what becomes a header.
    """

    message_id: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str = "en"

    def __post_init__(self) -> None:
        for header in (self.message_id, self.to, self.subject, self.locale):
            if _CONTROL_CHARACTER.search(header):
                raise MailRefused(reason="line_break")


class Mailer(Protocol):
    """Hands a mail to whoever delivers it. Promises that a return means it was accepted for delivery."""

    async def send(self, mail: Mail) -> None:
        """Raises MailRefused when trying again is of no use, Unavailable when it may help."""
        ...
