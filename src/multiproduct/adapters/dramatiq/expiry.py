"""Messages whose todo's lease has run out: they are dropped, since the relay sends the todo again."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dramatiq import Broker, Middleware
from dramatiq.common import current_millis
from dramatiq.middleware import SkipMessage

if TYPE_CHECKING:
    from dramatiq.broker import MessageProxy


class LeaseExpiry(Middleware):
    """Keeps workers that are far behind from doing the same todo over and over.

    Dramatiq's own AgeLimit would reject the message into a dead letter queue; here nothing failed, so it
    is acknowledged. Clocks of machines that differ cost a repetition or a delay, never a todo.
    """

    def __init__(self, *, lease: timedelta) -> None:
        self._longest_ms = lease.total_seconds() * 1000

    def before_process_message(self, broker: Broker, message: "MessageProxy") -> None:
        """Raises SkipMessage for a message older than the lease."""
        del broker
        sent_ms: Any = message.message_timestamp
        if current_millis() - sent_ms >= self._longest_ms:
            raise SkipMessage("the lease of its todo has run out")
