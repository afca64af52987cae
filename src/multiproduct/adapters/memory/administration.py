"""Looking people up, invitations, names given up and personal rows, in memory."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.adapters.memory.identity_tables import IdentityStage
from multiproduct.adapters.memory.roles import platform_roles
from multiproduct.adapters.memory.store import Stage
from multiproduct.adapters.memory.tables import Staged
from multiproduct.application.identity.administration_ports import PeopleFilter, PersonPrefix, SealedRecord
from multiproduct.domain.identity import Invitation, User, UserStatus
from multiproduct.domain.identity.search_keys import search_key
from multiproduct.domain.shared import Aggregate, StaleAggregate


class MemoryPeople:
    """Looks at everybody: a memory store is small."""

    def __init__(self, *, stage: Stage) -> None:
        self._stage = stage

    async def find(
        self,
        wanted: PeopleFilter,
        *,
        now: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[User]:
        """The newest first."""
        users = self._stage.identity.users
        matching = users.where(lambda user: self._matches(user, wanted, now))
        older = (user for user in matching if after is None or _place(user) < after)
        newest = heapq.nlargest(limit, older, key=_place)
        found = [user for each in newest if (user := users.get(each.id)) is not None]
        for user in found:
            user.roles = platform_roles(self._stage, user.id, now=now)
        return found

    def _matches(self, user: User, wanted: PeopleFilter, now: datetime) -> bool:
        is_verified = user.email_verified or user.phone_verified
        return (
            (user.status is wanted.status if wanted.status else user.status is not UserStatus.DELETED)
            and (wanted.is_verified is None or is_verified is wanted.is_verified)
            and (wanted.created_from is None or user.created_at >= wanted.created_from)
            and (wanted.created_before is None or user.created_at < wanted.created_before)
            and (wanted.prefix is None or _begins(user, wanted.prefix))
            and (wanted.role is None or self._has(user, wanted.role, now))
        )

    def _has(self, user: User, role: str, now: datetime) -> bool:
        given = self._stage.identity.role_assignments.under("user", user.id)
        return any(assignment.role == role and assignment.holds(now=now) for assignment in given)


def _place(row: User | Invitation) -> tuple[datetime, UUID]:
    return row.created_at, row.id


def _begins(user: User, prefix: PersonPrefix) -> bool:
    keys = (
        (user.username.key, prefix.username),
        (user.email.key if user.email else "", prefix.email),
        (user.phone.e164 if user.phone else "", prefix.phone),
        (search_key(user.first_name), prefix.name),
        (search_key(user.last_name), prefix.name),
    )
    return any(begins and key.startswith(begins) for key, begins in keys)


class MemoryInvitations:
    """Whoever writes is alone."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.invitations
        self._track = track

    async def add(self, invitation: Invitation) -> None:
        """Keeps a new one."""
        self._rows.put(invitation)
        self._track(invitation)

    async def find(self, id: UUID) -> Invitation | None:
        """By id."""
        return self._rows.get(id)

    async def save(self, invitation: Invitation) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.get(invitation.id)
        if stored is None or stored.version != invitation.version:
            raise StaleAggregate(id=str(invitation.id))
        invitation.version += 1
        self._rows.put(invitation)
        self._track(invitation)

    async def accept(self, invitation: Invitation, *, now: datetime) -> bool:
        """Writes that it was accepted, if it is open."""
        stored = self._rows.get(invitation.id)
        if stored is None or stored.generation != invitation.generation or not _is_open(stored, now=now):
            return False
        stored.accepted_at, stored.user_id = now, invitation.user_id
        stored.version += 1
        self._rows.put(stored)
        invitation.version = stored.version
        self._track(invitation)
        return True

    async def supersede(self, email_key: str, *, now: datetime, besides: UUID | None = None) -> int:
        """Revokes the open ones of an address, one excepted."""
        superseded = [
            row
            for row in self._rows.under("email", email_key)
            if row.accepted_at is None and row.revoked_at is None and row.id != besides
        ]
        for row in superseded:
            row.revoked_at = now
            row.version += 1
            self._rows.put(row)
        return len(superseded)

    async def open_of(self, email_key: str, *, now: datetime) -> Sequence[Invitation]:
        """Those of an address that are open."""
        return [row for row in self._rows.under("email", email_key) if _is_open(row, now=now)]

    async def newest(self, *, limit: int, after: tuple[datetime, UUID] | None = None) -> Sequence[Invitation]:
        """The newest first."""
        older = self._rows.where(lambda row: after is None or _place(row) < after)
        newest = heapq.nlargest(limit, older, key=_place)
        return [row for row in (self._rows.get(each.id) for each in newest) if row is not None]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


def _is_open(invitation: Invitation, *, now: datetime) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and now < invitation.expires_at


class MemoryUsernameTombstones:
    """User names that were given up."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.identity.username_tombstones

    async def put(self, key: str, *, until: datetime | None) -> None:
        """Marks a name; the later mark holds."""
        stored = self._rows.get(key)
        if stored is not None and (stored[1] is None or (until is not None and until <= stored[1])):
            return
        self._rows.put((key, until))

    async def standing(self, keys: Sequence[str], *, now: datetime) -> frozenset[str]:
        """Which of the names cannot be claimed."""
        marks = (mark for mark in (self._rows.get(key) for key in keys) if mark is not None)
        return frozenset(key for key, until in marks if until is None or until > now)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes marks that ended before the moment."""
        return self._rows.purge(lambda mark: mark[1] is not None and mark[1] < before, limit=limit)


class MemorySealedRecords:
    """One sealed record for each person."""

    def __init__(self, *, rows: Staged[UUID, SealedRecord]) -> None:
        self._rows = rows

    async def put(self, record: SealedRecord) -> None:
        """Keeps a record in the place of the former one."""
        await self.remove(record.user_id)
        self._rows.put(record)

    async def find(self, user_id: UUID) -> SealedRecord | None:
        """The person's record."""
        return self._rows.one_under("user", user_id)

    async def remove(self, user_id: UUID) -> bool:
        """Removes it."""
        stored = self._rows.one_under("user", user_id)
        return stored is not None and self._rows.remove(stored.id)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those not written since the moment."""
        return self._rows.purge(lambda record: record.updated_at < before, limit=limit)


class MemoryPersonalRows:
    """Removes rows of every table that has some for the sake of one person."""

    def __init__(self, *, stage: Stage) -> None:
        self._stage = stage

    async def erase(self, user_id: UUID, *, address_keys: Sequence[str]) -> None:
        """Removes what is kept for this person only."""
        stage, keys = self._stage, frozenset(address_keys)
        identity = stage.identity
        changes = list(identity.contact_changes.where(lambda row: row.user_id == user_id))
        # By id where the new address may be somebody else's: it was never proved to be the person's.
        codes = {change.id for change in changes}
        former = {old.key for change in changes for old in (change.old_email, change.old_phone) if old}
        _drop(stage.challenges, lambda row: row.id in codes or row.subject in former)
        sessions = {session.id for session in identity.sessions.under("user", user_id)}
        _drop(identity.device_key_sessions, lambda row: row[0] in sessions)
        for rows in _of_one_person(stage):
            _drop(rows, lambda row: row.user_id == user_id)
        _drop(stage.challenges, lambda row: row.subject in keys)
        _drop(identity.invitations, lambda row: row.email.key in keys)
        _drop(identity.pending_registrations, lambda row: row.email is not None and row.email.key in keys)
        _drop(identity.pending_registrations, lambda row: row.phone is not None and row.phone.e164 in keys)
        told_of = keys | {str(user_id)}
        _drop(stage.idempotency, lambda row: row.about in told_of or row.scope.endswith(f"/{user_id}"))

    async def mask_events(
        self, user_id: UUID, masks: Mapping[str, Mapping[str, Any]], *, after: int, limit: int
    ) -> int | None:
        """Takes what tells of a person out of some events."""
        following = self._stage.events.where(lambda event: event.position > after)
        stretch = heapq.nsmallest(limit, following, key=lambda event: event.position)
        for event in stretch:
            if event.fields.get("user_id") == str(user_id):
                fields = {**event.fields, **masks.get(event.name, {})}
                self._stage.events.put(replace(event, fields=fields, request_id=None))
        return stretch[-1].position if len(stretch) == limit else None

    async def dispossess(self, user_id: UUID) -> None:
        """Removes ways in, and what is under way."""
        identity = self._stage.identity
        device_keys = {key.id for key in identity.device_keys.under("user", user_id)}
        _drop(identity.device_key_sessions, lambda row: row[1] in device_keys)
        for rows in _ways_in(identity):
            _drop(rows, lambda row: row.user_id == user_id)


def _of_one_person(stage: Stage) -> tuple[Staged[Any, Any], ...]:
    return (
        stage.identity.sessions,
        stage.identity.role_assignments,
        stage.identity.invitations,
        stage.inbox.counters,
        stage.inbox.entries,
        stage.inbox.tickets,
        stage.push_devices,
        *_ways_in(stage.identity),
    )


def _ways_in(identity: IdentityStage) -> tuple[Staged[Any, Any], ...]:
    return (
        identity.passkeys,
        identity.device_keys,
        identity.ceremony_challenges,
        identity.totp_factors,
        identity.sms_factors,
        identity.recovery_codes,
        identity.pending_sign_ins,
        identity.social_accounts,
        identity.social_states,
        identity.social_unlinks,
        identity.contact_changes,
        identity.bank_details,
    )


def _drop(rows: Staged[Any, Any], wanted: Callable[[Any], bool]) -> None:
    for row in list(rows.where(wanted)):
        rows.remove(rows.key_of(row))
