"""A passkey: a WebAuthn credential that an authenticator keeps for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.identity.passkey_events import (
    PasskeyAdded,
    PasskeyCloned,
    PasskeyRemoved,
    PasskeyRenamed,
)
from multiproduct.domain.shared import Aggregate

MAX_PASSKEYS = 20
"""That somebody may keep at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What an authenticator said when it proved that it holds a credential; its signature was right.

    `user_handle` is whose credential it takes it for, None where it does not keep that.
    """

    sign_count: int
    user_verified: bool
    is_backup_eligible: bool
    is_backed_up: bool
    user_handle: bytes | None


@dataclass(slots=True, kw_only=True)
class Passkey(Aggregate):
    """`public_key` is a COSE key (RFC 9052). `sign_count` is the highest that the authenticator told, 0 as
    long as it tells none. `verifies_user` is whether the person was verified when it was made: one that
    cannot do that is a second factor, and no way in by itself. A suspended one proves nothing."""

    id: UUID
    user_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    name: str
    verifies_user: bool
    is_backup_eligible: bool
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None
    suspended_at: datetime | None = None

    def added(self) -> None:
        """Notes that it is new."""
        self._record(PasskeyAdded(occurred_at=self.created_at, passkey_id=self.id, user_id=self.user_id))

    def rename(self, name: str, *, now: datetime) -> None:
        """Calls it otherwise; the same name changes nothing."""
        if name == self.name:
            return
        self.name = name
        self._record(PasskeyRenamed(occurred_at=now, passkey_id=self.id, user_id=self.user_id))

    def removed(self, *, now: datetime) -> None:
        """Notes that its owner gave it up."""
        self._record(PasskeyRemoved(occurred_at=now, passkey_id=self.id, user_id=self.user_id))

    def suspend(self, *, now: datetime) -> None:
        """Two authenticators use it: the count that came is not higher than the last one."""
        self.suspended_at = now
        self._record(PasskeyCloned(occurred_at=now, passkey_id=self.id, user_id=self.user_id))

    @property
    def is_way_in(self) -> bool:
        """Whether somebody can sign in with nothing else."""
        return self.verifies_user and self.suspended_at is None

    def fits(self, assertion: Assertion, *, needs_handle: bool) -> bool:
        """Whether what the authenticator said agrees with what is kept. (The count is not judged here: it is
        decided by the statement that writes it.)

        The user handle is the owner's id, and must be told where nobody said who signs in. Whether a
        credential may be backed up never changes, whether it is backed up may. Source: Web Authentication
        Level 3, section 7.2, steps 6 and 19.
        """
        if assertion.user_handle is None:
            if needs_handle:
                return False
        elif assertion.user_handle != handle_of(self.user_id):
            return False
        return assertion.is_backup_eligible == self.is_backup_eligible

    def take_count(self, sign_count: int) -> bool:
        """Whether a count may follow the last one: a higher one, or zero after zero, from an authenticator
        that does not count. Stores decide by the same rule in one statement."""
        return sign_count > self.sign_count or sign_count == self.sign_count == 0

    def methods(self, assertion: Assertion) -> tuple[str, ...]:
        """What it proved, as RFC 8176 `amr` values.

        `hwk` for a key bound to one device, `swk` for one that is synchronised between devices, `user` for
        presence, and `mfa` where the authenticator verified the person as well: then it is two factors.
        """
        key = "swk" if self.is_backup_eligible else "hwk"
        return (key, "user", "mfa") if assertion.user_verified else (key, "user")


def handle_of(user_id: UUID) -> bytes:
    """The user handle: the 16 bytes of the id, which is random and tells nothing about the person."""
    return user_id.bytes


def transports_of(told: object) -> tuple[str, ...]:
    """Those hints on how to reach an authenticator that are known, each once."""
    response = told.get("response") if isinstance(told, Mapping) else None
    transports = response.get("transports") if isinstance(response, Mapping) else None
    if not isinstance(transports, list):
        return ()
    return tuple(known for known in _TRANSPORTS if known in transports)


_TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
