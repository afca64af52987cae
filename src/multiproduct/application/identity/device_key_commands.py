"""What devices ask, checked for shape. Bytes are URL-safe base64 without padding (RFC 4648, section 5)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Command
from multiproduct.application.identity.passkey_commands import KeyName
from multiproduct.domain.identity import KeyStorage, UserVerification

_BASE64URL = r"^[A-Za-z0-9_-]+$"
PublicKey = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_BASE64URL)]
Signature = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_BASE64URL)]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RequestDeviceKeyEnrolment(Command):
    """Asks for a challenge that a new key answers."""


class EnrolDeviceKey(Command):
    """Answers an enrolment challenge: the device has made a key, and signs with it for the first time.

    `public_key` is a SubjectPublicKeyInfo (RFC 5480), `signature` ASN.1 DER. `user_verification` and
    `storage` are what the device claims; both are signed.
    """

    challenge_id: UUID
    public_key: PublicKey
    signature: Signature = Field(repr=False)
    user_verification: UserVerification = UserVerification.PLATFORM
    storage: KeyStorage = KeyStorage.SOFTWARE
    name: KeyName = "Device"


class RequestDeviceKeySignIn(Command):
    """Asks for a challenge that a key of this id answers."""

    key_id: KeyId


class SignInWithDeviceKey(Command):
    """Answers a sign-in challenge."""

    challenge_id: UUID
    key_id: KeyId
    signature: Signature = Field(repr=False)
