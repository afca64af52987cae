"""What one address may still cost: wrong guesses over all its codes, new codes, and repeated mails."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from multiproduct.domain.otp.challenge import Purpose
from multiproduct.domain.otp.errors import BudgetSpent

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
MAX_FAILURES_AN_HOUR = 10
MAX_RESENDS = ((3, timedelta(minutes=10)), (10, _DAY))
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=10)
MAX_MAILS = ((5, timedelta(minutes=10)), (30, _DAY))
_RESEND_COOL_DOWNS = (30, 60, 120, 300)


class Asker(StrEnum):
    """Who asks for a code: anybody at all, or the owner of the address, signed in."""

    ANYBODY = "anybody"
    OWNER = "owner"


@dataclass(slots=True, kw_only=True)
class GuessBudget:
    """Counts by `key`, the pseudonym of an address, whether or not anybody has an account there.

    Held by one unit at a time. Never locks an account: what it delays is the next code for this address, and
    the link in the same mail is good all the while. Mails count by what they are for, so that whoever has
    used up those of one purpose keeps no mail of another from its owner; and those that owners ask for while
    signed in count not at all. Notices about an account are not asked for and have no budget.
    """

    key: str
    failures: tuple[datetime, ...] = ()
    resends: tuple[datetime, ...] = ()
    mails: dict[Purpose, tuple[datetime, ...]] = field(default_factory=dict)
    voids: int = 0
    last_voided_at: datetime | None = None
    last_sent_at: datetime | None = None

    def admit_guess(self, *, now: datetime) -> None:
        """Raises BudgetSpent when the hour's wrong guesses are used up."""
        recent = [moment for moment in self.failures if moment > now - _HOUR]
        if len(recent) >= MAX_FAILURES_AN_HOUR:
            raise self._spent("code_guesses", recent[-MAX_FAILURES_AN_HOUR] + _HOUR - now)

    def guessed_wrong(self, *, now: datetime) -> None:
        """Counts one wrong guess."""
        self.failures = (*self.failures, now)[-MAX_FAILURES_AN_HOUR:]

    def voided(self, *, now: datetime) -> None:
        """Counts one code that was guessed to death; each doubles the wait before the next, from 30
        seconds to 10 minutes."""
        if self.last_voided_at is not None and now - self.last_voided_at > _DAY:
            self.voids = 0
        self.voids += 1
        self.last_voided_at = now

    def admit_challenge(self, *, now: datetime) -> None:
        """Raises BudgetSpent while the wait after a voided code lasts."""
        if self.last_voided_at is None or self.voids == 0:
            return
        wait = min(_FIRST_WAIT * 2 ** min(self.voids - 1, 10), _LONGEST_WAIT)
        left = self.last_voided_at + wait - now
        if left > timedelta():
            raise self._spent("code_wait", left)

    def sent(self, purpose: Purpose, *, now: datetime, asker: Asker = Asker.ANYBODY) -> bool:
        """Notes that a code is owed; false when the address has had 5 mails for the purpose in 10 minutes or
        30 in a day, so that nobody can flood a mailbox: the caller is told the same, and nothing is sent.
        What the owner asks for is always sent, and takes nothing from what others may have sent."""
        self.last_sent_at = now
        if asker is Asker.OWNER:
            return True
        mails = self.mails.get(purpose, ())
        for quota, window in MAX_MAILS:
            if sum(moment > now - window for moment in mails) >= quota:
                return False
        # A new mapping, as a copy of this budget may have the old one.
        self.mails = {**self.mails, purpose: (*mails, now)[-MAX_MAILS[-1][0] :]}
        return True

    def admit_resend(self, *, now: datetime) -> None:
        """Raises BudgetSpent within the cool-down, after 3 resends in 10 minutes, or 10 in a day."""
        if self.last_sent_at is not None:
            left = self.last_sent_at + timedelta(seconds=self.resend_cool_down(now=now)) - now
            if left > timedelta():
                raise self._spent("code_resend", left)
        for quota, window in MAX_RESENDS:
            recent = [moment for moment in self.resends if moment > now - window]
            if len(recent) >= quota:
                raise self._spent("code_resend", recent[-quota] + window - now)

    def resent(self, *, now: datetime) -> None:
        """Counts one resend."""
        self.resends = (*self.resends, now)[-MAX_RESENDS[-1][0] :]

    def resend_cool_down(self, *, now: datetime) -> int:
        """Seconds that must pass after a mail before the next: 30, 60, 120, then 300 with each resend of
        the hour."""
        recent = sum(moment > now - _HOUR for moment in self.resends)
        return _RESEND_COOL_DOWNS[min(recent, len(_RESEND_COOL_DOWNS) - 1)]

    def is_idle(self, *, now: datetime) -> bool:
        """Whether forgetting it would change nothing."""
        return all(moment <= now - _DAY for moment in self.moments)

    @property
    def moments(self) -> list[datetime]:
        """Every moment at which it was charged that it knows of."""
        mails = (moment for each in self.mails.values() for moment in each)
        noted = (*self.failures, *self.resends, *mails, self.last_voided_at, self.last_sent_at)
        return [moment for moment in noted if moment is not None]

    def _spent(self, scope: str, left: timedelta) -> BudgetSpent:
        return BudgetSpent(
            scope=scope, retry_after=max(1, -int(-left.total_seconds() // 1)), subject_key=self.key
        )
