"""What devices are answered."""

import base64
from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import CeremonyChallenge, DeviceKey, DeviceKeyState


class DeviceKeyChallenge(Result):
    """What a device builds its message from. `challenge` is URL-safe base64 without padding."""

    challenge_id: UUID
    challenge: str
    rp: str
    purpose: str
    expires_at: datetime

    @classmethod
    def of(cls, challenge: CeremonyChallenge) -> "DeviceKeyChallenge":
        """Shows a challenge."""
        return cls(
            challenge_id=challenge.id,
            challenge=base64.urlsafe_b64encode(challenge.challenge).decode().rstrip("="),
            rp=challenge.audience,
            purpose=challenge.purpose.value,
            expires_at=challenge.expires_at,
        )


class DeviceKeyView(Result):
    """A device key as its owner sees it. `user_verification` and `storage` are the device's own claims."""

    id: UUID
    key_id: str
    name: str
    user_verification: str
    storage: str
    is_locked: bool
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: DeviceKey) -> "DeviceKeyView":
        """Shows a device key."""
        return cls(
            id=key.id,
            key_id=key.key_id,
            name=key.name,
            user_verification=key.user_verification.value,
            storage=key.storage.value,
            is_locked=key.state is DeviceKeyState.LOCKED,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
        )


class DeviceKeyList(Result):
    """Everybody has few, so that they come all at once."""

    items: list[DeviceKeyView]
