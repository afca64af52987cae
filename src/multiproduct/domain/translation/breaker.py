"""A circuit breaker: who failed several times in a row is left alone for a while, then asked once.

After M. Nygard, Release It!, chapter "Stability Patterns". Times are seconds of a clock that never goes back.
"""

from dataclasses import dataclass

FAILURES = 5
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0


@dataclass(slots=True)
class Breaker:
    """Closed, open until a moment, or half open: one call is under way that decides."""

    failures: int = 0
    pause: float = FIRST_PAUSE
    open_until: float | None = None
    is_probing: bool = False

    def may_call(self, now: float) -> bool:
        """Whether it may be called at this moment; changes nothing."""
        if self.open_until is None:
            return True
        return now >= self.open_until and not self.is_probing

    def begin(self, now: float) -> bool:
        """Takes a call; false where none may be made. After a pause there is one at a time."""
        if not self.may_call(now):
            return False
        self.is_probing = self.open_until is not None
        return True

    def succeeded(self) -> None:
        """The call was answered well: closed."""
        self.failures, self.pause, self.open_until, self.is_probing = 0, FIRST_PAUSE, None, False

    def failed(self, now: float) -> None:
        """The call failed. The pause doubles with every probe that fails, up to ten minutes."""
        self.failures += 1
        if self.is_probing:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif self.failures < FAILURES:
            return
        self.is_probing = False
        self.open_until = now + self.pause

    def gave_up(self) -> None:
        """The call was ended by ourselves, which says nothing."""
        self.is_probing = False
