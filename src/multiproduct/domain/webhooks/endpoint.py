"""A webhook endpoint: where one owner has events sent to, which ones, and signed by which secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.shared import Aggregate
from multiproduct.domain.webhooks.events import (
    INSTALLATION,
    EndpointAdded,
    EndpointChanged,
    EndpointEnabled,
    EndpointRemoved,
    EndpointSecretRotated,
    EndpointWasDisabled,
)
from multiproduct.domain.webhooks.filters import matches
from multiproduct.domain.webhooks.schedule import Health

MAX_SECRETS = 3
"""That sign at a time: the newest ones."""


class DisabledFor(StrEnum):
    """Why an endpoint is not sent to."""

    OWNER = "owner"
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It took nothing for five days."""


class Ordering(StrEnum):
    """In which order an endpoint is sent messages."""

    NONE = "none"
    """As they come; a message that has to wait holds up no other."""
    PER_KEY = "per_key"
    """Those about one thing one after the other: one that has to wait holds up those that follow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A sealed signing key, which signs until `expires_at` (None: until it is rotated)."""

    id: UUID
    sealed: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None

    def signs_at(self, now: datetime) -> bool:
        """Whether it signs at the moment."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an owner chooses. `permissions` are those that decide what an endpoint of the installation is told
    of: what whoever chose may read."""

    url: str = field(repr=False)
    events: tuple[str, ...]
    description: str
    ordering: Ordering
    permissions: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Endpoint(Aggregate):
    """Belongs to a person, or to the installation. `slot` is the owner's place for it: there are as many as
    endpoints one may have. `health` and `paused_until` are the sender's, and never written by `save`."""

    id: UUID
    owner_id: UUID
    slot: int
    options: Options
    secrets: tuple[Secret, ...]
    made_by: UUID | None
    created_at: datetime
    updated_at: datetime
    disabled_for: DisabledFor | None = None
    disabled_at: datetime | None = None
    health: Health = field(default_factory=Health)
    paused_until: datetime | None = None

    @classmethod
    def add(
        cls, *, id: UUID, owner_id: UUID, slot: int, options: Options, secret: Secret,
        made_by: UUID | None, now: datetime,
    ) -> "Endpoint":  # fmt: skip
        """A new one, enabled."""
        made = cls(
            id=id, owner_id=owner_id, slot=slot, options=options, secrets=(secret,), made_by=made_by,
            created_at=now, updated_at=now,
        )  # fmt: skip
        made._record(EndpointAdded(occurred_at=now, endpoint_id=id, owner_id=owner_id))
        return made

    @property
    def is_enabled(self) -> bool:
        """Whether it is sent to."""
        return self.disabled_for is None

    def wants(self, event_type: str, *, permission: str, subject_id: UUID | None, for_owners: bool) -> bool:
        """Whether the endpoint is told of an event about that person. A person's is told of what is about
        themselves and meant for owners, the installation's of what its permissions allow; nothing else."""
        if not self.is_enabled or not matches(self.options.events, event_type):
            return False
        if self.owner_id == INSTALLATION:
            return permission in self.options.permissions
        return for_owners and subject_id == self.owner_id

    def change(self, options: Options, *, by: UUID | None, now: datetime) -> None:
        """Other options. Nothing happens where they are the same."""
        before = self.options
        if options == before:
            return
        names = ("url", "events", "description", "ordering", "permissions")
        fields = tuple(name for name in names if getattr(before, name) != getattr(options, name))
        self.options, self.made_by, self.updated_at = options, by, now
        self._record(
            EndpointChanged(occurred_at=now, endpoint_id=self.id, owner_id=self.owner_id, fields=fields)
        )

    def rotate(self, secret: Secret, *, overlap: timedelta, now: datetime, real_now: datetime) -> None:
        """A new secret; those before it sign for `overlap` more, so that receivers can follow. Signing is by
        real time, as receivers compare with their own clocks."""
        ends = real_now + overlap
        kept = [
            Secret(
                id=each.id,
                sealed=each.sealed,
                created_at=each.created_at,
                expires_at=ends if each.expires_at is None else min(each.expires_at, ends),
            )
            for each in self.secrets
        ]
        signing = [each for each in kept if each.signs_at(real_now)]
        self.secrets = (*signing[1 - MAX_SECRETS :], secret)
        self.updated_at = now
        self._record(EndpointSecretRotated(occurred_at=now, endpoint_id=self.id, owner_id=self.owner_id))

    def signing(self, real_now: datetime) -> Sequence[Secret]:
        """The secrets that sign at the moment, the newest first."""
        return [each for each in reversed(self.secrets) if each.signs_at(real_now)]

    def disable(self, reason: DisabledFor, *, now: datetime) -> None:
        """Is sent nothing any more. What waits stays, and goes on where it is enabled in time."""
        if not self.is_enabled:
            return
        self.disabled_for, self.disabled_at, self.updated_at = reason, now, now
        told = None if reason is DisabledFor.OWNER else self._owner_or_maker
        self._record(
            EndpointWasDisabled(
                occurred_at=now,
                endpoint_id=self.id,
                owner_id=self.owner_id,
                reason=reason.value,
                told_id=told,
            )
        )

    def enable(self, *, now: datetime) -> None:
        """Is sent to again."""
        if self.is_enabled:
            return
        self.disabled_for, self.disabled_at, self.updated_at = None, None, now
        self._record(EndpointEnabled(occurred_at=now, endpoint_id=self.id, owner_id=self.owner_id))

    def removed(self, *, now: datetime) -> None:
        """It is gone."""
        self._record(EndpointRemoved(occurred_at=now, endpoint_id=self.id, owner_id=self.owner_id))

    @property
    def _owner_or_maker(self) -> UUID | None:
        return self.made_by if self.owner_id == INSTALLATION else self.owner_id
