"""The development mailbox: what a program sent, to be looked at by people and tests."""

import asyncio
from pathlib import Path

from multiproduct.adapters.mailbox.folder import FolderShelf
from multiproduct.adapters.mailbox.message import MailboxAttachment, MailboxMessage
from multiproduct.adapters.mailbox.shelf import MAX_MESSAGES, MemoryShelf, Shelf
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.mailer import Mail
from multiproduct.application.ports.texter import Text
from multiproduct.domain.shared.errors import Unavailable


class DevelopmentMailbox:
    """The newest 1,000 messages: in memory, or in `folder`, where several processes share them."""

    def __init__(self, *, real_time: RealTime, folder: Path | None = None) -> None:
        self._real_time = real_time
        self._shelf: Shelf = MemoryShelf() if folder is None else FolderShelf(folder)
        self._turn = asyncio.Lock()

    @property
    def mailer(self) -> "MailboxMailer":
        """The port for mails into this mailbox."""
        return MailboxMailer(self)

    @property
    def texter(self) -> "MailboxTexter":
        """The port for short messages into this mailbox."""
        return MailboxTexter(self)

    async def put_mail(self, mail: Mail) -> None:
        """Keeps a mail. Raises Unavailable where the folder cannot be written."""
        await self._keep(
            MailboxMessage(
                id=mail.message_id,
                channel="email",
                to=mail.to,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                created_at=self._real_time.now(),
                attachments=tuple(
                    MailboxAttachment(name=each.name, media_type=each.media_type, content=each.content)
                    for each in mail.attachments
                ),
            )
        )

    async def put_text(self, text: Text) -> None:
        """Keeps a short message. Raises Unavailable where the folder cannot be written."""
        await self._keep(
            MailboxMessage(
                id=text.message_id,
                channel="sms",
                to=text.to,
                subject="",
                text=text.body,
                html="",
                created_at=self._real_time.now(),
            )
        )

    async def messages(self, to: str | None = None, *, limit: int = 50) -> list[MailboxMessage]:
        """The latest messages first, those to one address where `to` is given; at most 1,000."""
        async with self._turn:
            return await asyncio.to_thread(self._find, to, max(0, min(limit, MAX_MESSAGES)))

    def _find(self, to: str | None, limit: int) -> list[MailboxMessage]:
        found: list[MailboxMessage] = []
        for message in self._shelf.newest_first():
            if len(found) == limit:
                break
            if to is None or message.to.casefold() == to.casefold():
                found.append(message)
        return found

    async def _keep(self, message: MailboxMessage) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(self._shelf.keep, message)
            except OSError as error:
                raise Unavailable(what="mailbox") from error


class MailboxMailer:
    """Mails into a mailbox."""

    def __init__(self, mailbox: DevelopmentMailbox) -> None:
        self._mailbox = mailbox

    async def send(self, mail: Mail) -> None:
        """See the port. Refuses no address."""
        await self._mailbox.put_mail(mail)


class MailboxTexter:
    """Short messages into a mailbox."""

    def __init__(self, mailbox: DevelopmentMailbox) -> None:
        self._mailbox = mailbox

    async def send(self, text: Text) -> None:
        """See the port."""
        await self._mailbox.put_text(text)
