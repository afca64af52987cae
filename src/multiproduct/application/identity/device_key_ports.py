"""What device keys need: where they are kept, and who judges signatures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import DeviceKey, EndReason


class DeviceKeys(Protocol):
    """Keeps device keys. The unique index on key ids is the only truth about whose one is, also after it was
    revoked."""

    async def add(self, key: DeviceKey) -> None:
        """Keeps a new one. Raises CredentialTaken; the unit can go on after it."""
        ...

    async def find(self, id: UUID) -> DeviceKey | None:
        """By its id, whatever its state."""
        ...

    async def find_by_key_id(self, key_id: str) -> DeviceKey | None:
        """By the digest of its public key, whatever its state."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[DeviceKey]:
        """Those of a user that are not revoked, in the order in which they were made."""
        ...

    async def use(self, key: DeviceKey) -> bool:
        """Writes `failures` and `last_used_at` if the key is confirmed at this moment: one conditional
        statement. False otherwise. The row stays held until the unit ends."""
        ...

    async def refuse(self, id: UUID, *, now: datetime) -> DeviceKey | None:
        """Counts a wrong signature as `DeviceKey.refused` does, if the key is confirmed at this moment, and
        answers it as it then stands; else None. One conditional statement: of any number of rivals
        `MAX_FAILURES` are counted."""
        ...

    async def note(self, key: DeviceKey) -> None:
        """Logs the events of what `refuse` counted."""
        ...

    async def rename(self, key: DeviceKey) -> bool:
        """Writes the name; false when the key is revoked or gone."""
        ...

    async def revoke(self, key: DeviceKey) -> bool:
        """Writes that it is revoked unless it was, and logs its events; false when it was."""
        ...

    async def began(self, key_id: UUID, session_id: UUID) -> None:
        """Notes which key (by its `id`) began a session."""
        ...

    async def end_sessions(self, key_id: UUID, *, reason: EndReason, now: datetime) -> Sequence[UUID]:
        """Ends every live session that the key (by its `id`) began, in one statement; answers which. Records
        their events."""
        ...


class DeviceSignatures(Protocol):
    """Judges signatures: ECDSA on P-256 with SHA-256 (FIPS 186-5), as ASN.1 DER."""

    def is_key(self, spki: bytes) -> bool:
        """Whether it is the DER of a SubjectPublicKeyInfo for a point of P-256, written in just one way."""
        ...

    def is_good(self, spki: bytes | None, signature: bytes, message: bytes) -> bool:
        """Whether the signature is right. Without a key it is not, after the same work."""
        ...
