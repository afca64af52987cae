"""Passkeys, device keys and the challenges that they answer, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.domain.identity import (
    Assertion,
    CeremonyAnswer,
    CeremonyChallenge,
    CredentialTaken,
    DeviceKey,
    DeviceKeyState,
    EndReason,
    Passkey,
)
from multiproduct.domain.shared import Aggregate, Event


class MemoryCeremonyChallenges:
    """One writer at a time, so that one answer uses a challenge up."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.identity.ceremony_challenges

    async def add(self, challenge: CeremonyChallenge) -> None:
        """Keeps a new challenge."""
        self._rows.put(challenge)

    async def consume(self, answer: CeremonyAnswer, *, now: datetime) -> CeremonyChallenge | None:
        """The challenge, used up, if it takes the answer."""
        stored = self._rows.get(answer.id)
        if stored is None or not stored.takes(answer, now=now):
            return None
        used = replace(stored, used_at=now)
        self._rows.put(used)
        return used

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemoryPasskeys:
    """Each credential has one owner."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.passkeys
        self._track = track

    async def add(self, passkey: Passkey) -> None:
        """Keeps a new one. Raises CredentialTaken."""
        if self._rows.has("credential", passkey.credential_id):
            raise CredentialTaken
        self._rows.put(passkey)
        self._track(passkey)

    async def find(self, id: UUID) -> Passkey | None:
        """By its id."""
        return self._rows.get(id)

    async def find_by_credential(self, credential_id: bytes) -> Passkey | None:
        """By the credential's id."""
        return self._rows.one_under("credential", credential_id)

    async def of_user(self, user_id: UUID) -> Sequence[Passkey]:
        """All of a user, in the order in which they were made."""
        return sorted(self._rows.under("user", user_id), key=lambda row: (row.created_at, row.id))

    async def use(self, passkey: Passkey, assertion: Assertion, *, now: datetime) -> bool:
        """Writes what an assertion told, if its count may follow the stored one."""
        stored = self._rows.get(passkey.id)
        if stored is None or stored.suspended_at is not None or not stored.take_count(assertion.sign_count):
            return False
        stored.sign_count = assertion.sign_count
        stored.is_backed_up = assertion.is_backed_up
        stored.last_used_at = now
        self._rows.put(stored)
        return True

    async def suspend(self, passkey: Passkey) -> bool:
        """Writes `suspended_at` unless it is set."""
        stored = self._rows.get(passkey.id)
        if stored is None or stored.suspended_at is not None:
            return False
        stored.suspended_at = passkey.suspended_at
        self._rows.put(stored)
        self._track(passkey)
        return True

    async def rename(self, passkey: Passkey) -> bool:
        """Writes the name."""
        stored = self._rows.get(passkey.id)
        if stored is None:
            return False
        stored.name = passkey.name
        self._rows.put(stored)
        self._track(passkey)
        return True

    async def remove(self, passkey: Passkey) -> bool:
        """Removes it."""
        was_there = self._rows.remove(passkey.id)
        if was_there:
            self._track(passkey)
        return was_there


class MemoryDeviceKeys:
    """Each key has one owner."""

    def __init__(
        self, *, stage: Stage, track: Callable[[Aggregate], None], record: Callable[[Event], None]
    ) -> None:
        self._rows = stage.identity.device_keys
        self._began = stage.identity.device_key_sessions
        self._sessions = stage.identity.sessions
        self._track = track
        self._record = record

    async def add(self, key: DeviceKey) -> None:
        """Keeps a new one. Raises CredentialTaken."""
        if self._rows.has("key", key.key_id):
            raise CredentialTaken
        self._rows.put(key)
        self._track(key)

    async def find(self, id: UUID) -> DeviceKey | None:
        """By its id."""
        return self._rows.get(id)

    async def find_by_key_id(self, key_id: str) -> DeviceKey | None:
        """By the digest of its public key."""
        return self._rows.one_under("key", key_id)

    async def of_user(self, user_id: UUID) -> Sequence[DeviceKey]:
        """Those of a user that are not revoked, in the order in which they were made."""
        found = [row for row in self._rows.under("user", user_id) if row.state is not DeviceKeyState.REVOKED]
        return sorted(found, key=lambda row: (row.created_at, row.id))

    async def use(self, key: DeviceKey) -> bool:
        """Writes that a signature was right, if the key is confirmed."""
        stored = self._confirmed(key.id)
        if stored is None:
            return False
        stored.failures, stored.last_used_at = key.failures, key.last_used_at
        self._rows.put(stored)
        self._track(key)
        return True

    async def refuse(self, id: UUID, *, now: datetime) -> DeviceKey | None:
        """Counts a wrong signature, if the key is confirmed."""
        stored = self._confirmed(id)
        if stored is None:
            return None
        stored.refused(now=now)
        self._rows.put(stored)
        return stored

    async def note(self, key: DeviceKey) -> None:
        """Logs the events."""
        self._track(key)

    async def rename(self, key: DeviceKey) -> bool:
        """Writes the name, unless the key is revoked."""
        stored = self._unrevoked(key.id)
        if stored is None:
            return False
        stored.name = key.name
        self._rows.put(stored)
        self._track(key)
        return True

    async def revoke(self, key: DeviceKey) -> bool:
        """Writes that it is revoked, unless it was."""
        stored = self._unrevoked(key.id)
        if stored is None:
            return False
        stored.state, stored.revoked_at = DeviceKeyState.REVOKED, key.revoked_at
        self._rows.put(stored)
        self._track(key)
        return True

    async def began(self, key_id: UUID, session_id: UUID) -> None:
        """Notes which key began a session."""
        self._began.put((session_id, key_id))

    async def end_sessions(self, key_id: UUID, *, reason: EndReason, now: datetime) -> Sequence[UUID]:
        """Ends every live session that the key began, and records that each ended."""
        ended = []
        for session_id, _ in sorted(self._began.under("key", key_id)):
            session = self._sessions.get(session_id)
            if session is None or not session.is_live(now=now):
                continue
            session.end(reason, now=now)
            self._sessions.put(session)
            for event in session.collect_events():
                self._record(event)
            ended.append(session_id)
        return ended

    def _confirmed(self, id: UUID) -> DeviceKey | None:
        stored = self._rows.get(id)
        return stored if stored is not None and stored.state is DeviceKeyState.CONFIRMED else None

    def _unrevoked(self, id: UUID) -> DeviceKey | None:
        stored = self._rows.get(id)
        return stored if stored is not None and stored.state is not DeviceKeyState.REVOKED else None
