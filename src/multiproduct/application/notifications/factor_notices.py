"""What people are told of their second factors."""

from multiproduct.application.notifications.security_notices import SecurityNotices
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import (
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SmsFactorAdded,
    SmsFactorRemoved,
    TotpConfirmed,
    TotpLocked,
    TotpRemoved,
)
from multiproduct.domain.identity.recovery_codes import FEW_LEFT


class FactorNotices:
    """Reactions to changes of second factors. Each completes its todo whatever it decides."""

    def __init__(self, *, notices: SecurityNotices) -> None:
        self._notices = notices

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(TotpConfirmed, "notifications.tell_of_totp", self.tell_of_totp)
        table.defer(TotpRemoved, "notifications.tell_of_totp_removed", self.tell_of_totp_removed)
        table.defer(TotpLocked, "notifications.tell_of_totp_locked", self.tell_of_totp_locked)
        table.defer(SmsFactorAdded, "notifications.tell_of_sms_factor", self.tell_of_sms_factor)
        table.defer(
            SmsFactorRemoved, "notifications.tell_of_sms_factor_removed", self.tell_of_sms_factor_removed
        )
        table.defer(RecoveryCodesMade, "notifications.tell_of_recovery_codes", self.tell_of_new_codes)
        table.defer(RecoveryCodeUsed, "notifications.tell_of_recovery_code_used", self.tell_of_used_code)

    async def tell_of_totp(self, event: TotpConfirmed, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._notices.tell(heard, event.user_id, "totp_added", event)

    async def tell_of_totp_removed(self, event: TotpRemoved, heard: Heard) -> None:
        """Likewise."""
        await self._notices.tell(heard, event.user_id, "totp_removed", event)

    async def tell_of_totp_locked(self, event: TotpLocked, heard: Heard) -> None:
        """So that an owner knows that somebody has the password, or why the app's codes are refused."""
        await self._notices.tell(heard, event.user_id, "totp_locked", event)

    async def tell_of_sms_factor(self, event: SmsFactorAdded, heard: Heard) -> None:
        """So that an owner who did not do it can act, and who did knows of better ones."""
        await self._notices.tell(heard, event.user_id, "sms_factor_added", event)

    async def tell_of_sms_factor_removed(self, event: SmsFactorRemoved, heard: Heard) -> None:
        """Likewise."""
        await self._notices.tell(heard, event.user_id, "sms_factor_removed", event)

    async def tell_of_new_codes(self, event: RecoveryCodesMade, heard: Heard) -> None:
        """Of codes that took the place of others; the first ones come with a factor, which is told of."""
        if event.replaced:
            await self._notices.tell(heard, event.user_id, "recovery_codes_made", event)
        else:
            await self._notices.nothing_to_tell(heard)

    async def tell_of_used_code(self, event: RecoveryCodeUsed, heard: Heard) -> None:
        """Each time, and differently when it is time for new ones."""
        what = "recovery_codes_low" if event.left <= FEW_LEFT else "recovery_code_used"
        await self._notices.tell(heard, event.user_id, what, event)
