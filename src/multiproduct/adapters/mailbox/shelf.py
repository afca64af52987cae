"""Where the development mailbox keeps its messages."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from multiproduct.adapters.mailbox.message import MailboxMessage

MAX_MESSAGES = 1_000


class Shelf(Protocol):
    """Keeps the newest 1,000 messages. A repeated message takes the place of the earlier one."""

    def keep(self, message: MailboxMessage) -> None:
        """Puts the message on top."""
        ...

    def newest_first(self) -> Iterator[MailboxMessage]:
        """All messages, the latest first."""
        ...


class MemoryShelf:
    """Forgets with the process."""

    def __init__(self) -> None:
        self._messages: OrderedDict[tuple[str, str], MailboxMessage] = OrderedDict()

    def keep(self, message: MailboxMessage) -> None:
        """See the protocol."""
        key = (message.channel, message.id)
        self._messages[key] = message
        self._messages.move_to_end(key)
        if len(self._messages) > MAX_MESSAGES:
            self._messages.popitem(last=False)

    def newest_first(self) -> Iterator[MailboxMessage]:
        """See the protocol."""
        return iter(list(reversed(self._messages.values())))
