"""The development mailbox: mails and short messages that go no further than this machine."""

from multiproduct.adapters.mailbox.mailbox import DevelopmentMailbox, MailboxMailer, MailboxTexter
from multiproduct.adapters.mailbox.message import MailboxMessage

__all__ = ["DevelopmentMailbox", "MailboxMailer", "MailboxMessage", "MailboxTexter"]
