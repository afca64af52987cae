"""What passkeys answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import Passkey


class PasskeyOptions(Result):
    """A challenge, and the options that it stands in. `public_key` is read by
    `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""

    challenge_id: UUID
    expires_at: datetime
    public_key: dict[str, Any]


class PasskeyView(Result):
    """A passkey as its owner sees it. `signs_in_alone` is whether it lets its owner in without a password;
    a suspended one was copied, and lets nobody in."""

    id: UUID
    name: str
    signs_in_alone: bool
    is_synced: bool
    is_suspended: bool
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> "PasskeyView":
        """Shows a passkey."""
        return cls(
            id=passkey.id,
            name=passkey.name,
            signs_in_alone=passkey.is_way_in,
            is_synced=passkey.is_backed_up,
            is_suspended=passkey.suspended_at is not None,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )


class NewPasskey(PasskeyView):
    """A passkey that was just made. `recovery_codes` are shown this once, where there were none before."""

    recovery_codes: list[str] = Field(repr=False)

    @classmethod
    def made(cls, passkey: Passkey, recovery_codes: list[str]) -> "NewPasskey":
        """Shows a passkey with the codes that came with it."""
        shown = PasskeyView.of(passkey).model_dump()
        return cls.model_validate({**shown, "recovery_codes": recovery_codes})


class PasskeyList(Result):
    """Everybody has few, so that they come all at once."""

    items: list[PasskeyView]
