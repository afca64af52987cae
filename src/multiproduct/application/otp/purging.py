"""Removing what one-time codes leave behind."""

from datetime import datetime, timedelta

from multiproduct.application.otp.ports import OtpUnit

_KEPT_FOR = timedelta(hours=1)
_BUDGET_KEPT_FOR = timedelta(days=2)


class OtpPurging:
    """Steps of the hourly purge."""

    async def purge(self, unit: OtpUnit, *, now: datetime, limit: int) -> int:
        """Removes challenges an hour after they expired and budgets that no longer count; at most `limit`
        of each."""
        removed = await unit.challenges.purge(before=now - _KEPT_FOR, limit=limit)
        return removed + await unit.guess_budgets.purge(idle_since=now - _BUDGET_KEPT_FOR, limit=limit)
