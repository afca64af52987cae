"""What people are told of their passkeys and of the keys of their devices."""

from multiproduct.application.notifications.security_notices import SecurityNotices
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import (
    DeviceKeyEnrolled,
    DeviceKeyLocked,
    DeviceKeyRevoked,
    PasskeyAdded,
    PasskeyCloned,
    PasskeyRemoved,
)


class KeyNotices:
    """Reactions to changes of keys. Each completes its todo whatever it decides."""

    def __init__(self, *, notices: SecurityNotices) -> None:
        self._notices = notices

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(PasskeyAdded, "notifications.tell_of_passkey", self.tell_of_passkey)
        table.defer(PasskeyRemoved, "notifications.tell_of_passkey_removed", self.tell_of_passkey_removed)
        table.defer(PasskeyCloned, "notifications.tell_of_cloned_passkey", self.tell_of_cloned_passkey)
        table.defer(DeviceKeyEnrolled, "notifications.tell_of_device_key", self.tell_of_device_key)
        table.defer(DeviceKeyRevoked, "notifications.tell_of_revoked_key", self.tell_of_revoked_key)
        table.defer(DeviceKeyLocked, "notifications.tell_of_locked_key", self.tell_of_locked_key)

    async def tell_of_passkey(self, event: PasskeyAdded, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._notices.tell(heard, event.user_id, "passkey_added", event)

    async def tell_of_passkey_removed(self, event: PasskeyRemoved, heard: Heard) -> None:
        """Likewise."""
        await self._notices.tell(heard, event.user_id, "passkey_removed", event)

    async def tell_of_cloned_passkey(self, event: PasskeyCloned, heard: Heard) -> None:
        """So that an owner knows why a passkey is of no use any more."""
        await self._notices.tell(heard, event.user_id, "passkey_cloned", event)

    async def tell_of_device_key(self, event: DeviceKeyEnrolled, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._notices.tell(heard, event.user_id, "device_key_added", event)

    async def tell_of_revoked_key(self, event: DeviceKeyRevoked, heard: Heard) -> None:
        """Likewise."""
        await self._notices.tell(heard, event.user_id, "device_key_revoked", event)

    async def tell_of_locked_key(self, event: DeviceKeyLocked, heard: Heard) -> None:
        """So that an owner knows why a device does not get in any more."""
        await self._notices.tell(heard, event.user_id, "device_key_locked", event)
