"""What passkeys need: where they are kept, and who reads what authenticators say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.domain.identity import Assertion, Passkey, User


class Passkeys(Protocol):
    """Keeps passkeys. The unique index on credential ids is the only truth about whose one is."""

    async def add(self, passkey: Passkey) -> None:
        """Keeps a new one. Raises CredentialTaken; the unit can go on after it."""
        ...

    async def find(self, id: UUID) -> Passkey | None:
        """By its id."""
        ...

    async def find_by_credential(self, credential_id: bytes) -> Passkey | None:
        """By the credential's id, also a suspended one."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[Passkey]:
        """All of a user, also suspended ones, in the order in which they were made."""
        ...

    async def use(self, passkey: Passkey, assertion: Assertion, *, now: datetime) -> bool:
        """Writes count, backup state and moment if the passkey is there, not suspended, and
        `Passkey.take_count` holds for what is stored: one conditional statement. False otherwise."""
        ...

    async def suspend(self, passkey: Passkey) -> bool:
        """Writes `suspended_at` unless it is set; false when it was, or the passkey is gone. Logs its events
        only where true."""
        ...

    async def rename(self, passkey: Passkey) -> bool:
        """Writes the name; false when the passkey is gone."""
        ...

    async def remove(self, passkey: Passkey) -> bool:
        """Removes it; false when it was gone. Logs its events only where true."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What a registration brought: everything of it was checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    verifies_user: bool
    is_backup_eligible: bool
    is_backed_up: bool


class PasskeyCeremonies(Protocol):
    """Writes options for browsers and judges what comes back (Web Authentication Level 3, sections 7.1 and
    7.2), without knowing any store.

    Judging checks type, challenge, origin, relying party, presence, backup flags, algorithm and signature;
    what it answers None for may be anything at all, however hostile. It does not judge counts and owners.
    """

    @property
    def audience(self) -> str:
        """The relying party's id."""
        ...

    def creation_options(
        self, *, challenge: bytes, user: User, existing: Sequence[Passkey]
    ) -> dict[str, Any]:
        """The options of `navigator.credentials.create`, as PublicKeyCredentialCreationOptionsJSON."""
        ...

    def request_options(
        self, *, challenge: bytes, allowed: Sequence[Passkey], needs_verification: bool
    ) -> dict[str, Any]:
        """The options of `navigator.credentials.get`, as PublicKeyCredentialRequestOptionsJSON. Without
        `allowed` the authenticator looks for what it has."""
        ...

    def created(self, credential: Mapping[str, Any], *, challenge: bytes) -> NewCredential | None:
        """What a RegistrationResponseJSON proves."""
        ...

    def credential_id(self, credential: Mapping[str, Any]) -> bytes | None:
        """Which credential an AuthenticationResponseJSON names; None where it cannot be read."""
        ...

    def asserted(
        self, credential: Mapping[str, Any], *, challenge: bytes, public_key: bytes | None
    ) -> Assertion | None:
        """What an AuthenticationResponseJSON proves. Without a public key nothing, after the same work."""
        ...
