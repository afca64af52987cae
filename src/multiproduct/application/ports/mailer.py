"""Sending one electronic mail."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with both parts. `message_id` (without brackets) is the same for every attempt at the same mail,
    so that a receiver can tell a repeated one. Bodies hold secrets: they are left out of the representation."""

    message_id: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str = "en"


class Mailer(Protocol):
    """Hands a mail to whoever delivers it. Promises that a return means it was accepted for delivery."""

    async def send(self, mail: Mail) -> None:
        """Raises MailRefused when trying again is of no use, Unavailable when it may help."""
        ...
