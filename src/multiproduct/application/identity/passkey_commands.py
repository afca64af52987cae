"""What people ask of passkeys, checked for shape."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Command

KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class AddPasskey(Command):
    """Answers a registration challenge. `credential` is what `PublicKeyCredential.toJSON()` gives."""

    challenge_id: UUID
    credential: dict[str, Any] = Field(repr=False)
    name: KeyName = "Passkey"


class SignInWithPasskey(Command):
    """Answers a sign-in challenge. `credential` is what `PublicKeyCredential.toJSON()` gives."""

    challenge_id: UUID
    credential: dict[str, Any] = Field(repr=False)


class RenameKey(Command):
    """Calls a passkey or a device key otherwise."""

    name: KeyName
