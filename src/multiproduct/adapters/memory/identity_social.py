"""Linked accounts, sign-ins under way at a provider, and nonces in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.tables import Staged
from multiproduct.domain.identity import SocialAccount, SocialReturn, SocialState
from multiproduct.domain.shared import Aggregate

_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class SocialNonce:
    """A row of the table of nonces."""

    nonce_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SocialUnlink:
    """A row of the table of accounts that users took away."""

    issuer: str
    subject: str
    user_id: UUID
    unlinked_at: datetime


UnlinkKey = tuple[str, str, UUID]


class MemorySocialAccounts:
    """Issuer and subject belong to one user."""

    def __init__(
        self,
        *,
        rows: Staged[UUID, SocialAccount],
        unlinks: Staged[UnlinkKey, SocialUnlink],
        track: Callable[[Aggregate], None],
    ) -> None:
        self._rows = rows
        self._unlinks = unlinks
        self._track = track

    async def add(self, account: SocialAccount) -> bool:
        """Keeps a new one, unless issuer and subject are linked."""
        if self._rows.has("subject", (account.issuer, account.subject)):
            return False
        self._rows.put(account)
        self._track(account)
        return True

    async def find(self, id: UUID) -> SocialAccount | None:
        """By its id."""
        return self._rows.get(id)

    async def find_by_subject(self, issuer: str, subject: str) -> SocialAccount | None:
        """By what the provider knows it as."""
        return self._rows.one_under("subject", (issuer, subject))

    async def of_user(self, user_id: UUID) -> Sequence[SocialAccount]:
        """All of a user, in the order in which they were linked; at most 100."""
        found = self._rows.under("user", user_id)
        return sorted(found, key=lambda row: (row.linked_at, row.id))[:_MOST_LISTED]

    async def used(self, account: SocialAccount) -> None:
        """Writes what use changes."""
        stored = self._rows.get(account.id)
        if stored is not None:
            stored.last_used_at, stored.mail_arrives = account.last_used_at, account.mail_arrives
            self._rows.put(stored)
        self._track(account)

    async def remove(self, account: SocialAccount) -> bool:
        """Removes it; false when it was gone."""
        if not self._rows.remove(account.id):
            return False
        self._track(account)
        return True

    async def note_unlinked(self, account: SocialAccount, *, now: datetime) -> None:
        """Remembers that its user took it away."""
        if self._unlinks.get((account.issuer, account.subject, account.user_id)) is None:
            self._unlinks.put(SocialUnlink(account.issuer, account.subject, account.user_id, now))

    async def was_unlinked(self, issuer: str, subject: str, *, user_id: UUID) -> bool:
        """Whether that user took it away."""
        return self._unlinks.get((issuer, subject, user_id)) is not None

    async def forget_unlinked(self, account: SocialAccount) -> None:
        """Forgets that its user ever took it away."""
        self._unlinks.remove((account.issuer, account.subject, account.user_id))


class MemorySocialStates:
    """There is one writer at a time, so that taking is one step."""

    def __init__(self, *, rows: Staged[str, SocialState]) -> None:
        self._rows = rows

    async def add(self, state: SocialState) -> None:
        """Keeps a new one."""
        self._rows.put(state)

    async def take(self, answer: SocialReturn, *, now: datetime) -> SocialState | None:
        """Removes and answers the state."""
        stored = self._rows.get(answer.state_hash)
        if stored is None or not stored.takes(answer, now=now):
            return None
        self._rows.remove(stored.state_hash)
        return stored

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemorySocialNonces:
    """Nonces that clients asked for."""

    def __init__(self, *, rows: Staged[str, SocialNonce]) -> None:
        self._rows = rows

    async def add(self, nonce_hash: str, *, expires_at: datetime) -> None:
        """Keeps a new one."""
        self._rows.put(SocialNonce(nonce_hash, expires_at))

    async def take(self, nonce_hash: str, *, now: datetime) -> bool:
        """Removes one that is not over."""
        stored = self._rows.get(nonce_hash)
        return stored is not None and now < stored.expires_at and self._rows.remove(nonce_hash)

    async def spend(self, token_hash: str, *, expires_at: datetime) -> bool:
        """Keeps the hash of what is used by this; false when it is kept already."""
        if self._rows.get(token_hash) is not None:
            return False
        self._rows.put(SocialNonce(token_hash, expires_at))
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)
