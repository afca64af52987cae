"""How many wrong passwords in a row were tried for one name, and how long its next try has to wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_IN_A_ROW = 100
"""NIST SP 800-63B-4, 3.2.2: no more consecutive failures than that."""
KEPT_FOR = timedelta(days=30)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_MOST_DOUBLINGS = 10


@dataclass(slots=True, kw_only=True)
class SignInFailures:
    """Counts by `key`, the pseudonym of a name, whether or not anybody has it, and whoever tries.

    Never locks anybody out: what it delays is a try from where the account was not used before. Other ways of
    signing in stay open.
    """

    key: str
    count: int = 0
    last_failed_at: datetime | None = None

    def wait(self, *, now: datetime) -> timedelta:
        """How long until a stranger's next try: nothing up to 100 failures, then 30 seconds after the last
        one, which doubles with each further failure up to an hour."""
        if self.count < MOST_IN_A_ROW or self.last_failed_at is None:
            return timedelta()
        factor: int = 2 ** min(self.count - MOST_IN_A_ROW, _MOST_DOUBLINGS)
        end = self.last_failed_at + min(_FIRST_WAIT * factor, _LONGEST_WAIT)
        return max(end - now, timedelta())

    def failed(self, *, now: datetime) -> None:
        """Counts one more."""
        # The count stops where it would change nothing, however long somebody goes on.
        self.count = min(self.count + 1, MOST_IN_A_ROW + _MOST_DOUBLINGS)
        self.last_failed_at = now
