"""What the administration of people needs: looking people up, invitations, names given up, bank details."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.domain.identity import Invitation, User, UserStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPrefix:
    """What somebody's user name, e-mail address, telephone number (E.164), or first or last name begins with,
    each as its key is written. Any of them will do; without `phone` numbers are not asked."""

    username: str
    email: str
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """Which people are wanted; None does not narrow. Erased people are wanted only where `status` says so.

    `role` is held on the platform or in any scope, and has not expired. `is_verified` asks for a proved
    address of either kind.
    """

    status: UserStatus | None = None
    role: str | None = None
    is_verified: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    prefix: PersonPrefix | None = None


class People(Protocol):
    """Looks users up by what they have in common."""

    async def find(
        self,
        wanted: PeopleFilter,
        *,
        now: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[User]:
        """The newest first, at most `limit`, those that come after the given moment of creation and id.

        Promises that a prefix is found by indexes on user name, address and name keys, and every other
        question in the order of an index on the moment of creation, never by sorting all users.
        """
        ...


class Invitations(Protocol):
    """Keeps invitations."""

    async def add(self, invitation: Invitation) -> None:
        """Keeps a new one."""
        ...

    async def find(self, id: UUID) -> Invitation | None:
        """By id, whatever became of it."""
        ...

    async def save(self, invitation: Invitation) -> None:
        """Writes one unless somebody saved or accepted it since it was loaded. Raises StaleAggregate."""
        ...

    async def accept(self, invitation: Invitation, *, now: datetime) -> bool:
        """Writes `accepted_at` and `user_id` if the stored one is open at `now` and of this generation: one
        conditional statement, so that of any number of rivals one succeeds. False when it is not."""
        ...

    async def supersede(self, email_key: str, *, now: datetime, besides: UUID | None = None) -> int:
        """Revokes every open invitation of an address, one excepted, in one statement; answers how many.
        Logs nothing."""
        ...

    async def open_of(self, email_key: str, *, now: datetime) -> Sequence[Invitation]:
        """Those of an address that are open at `now`."""
        ...

    async def newest(self, *, limit: int, after: tuple[datetime, UUID] | None = None) -> Sequence[Invitation]:
        """The newest first, at most `limit`, those that come after the given moment of creation and id."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


class UsernameTombstones(Protocol):
    """Keeps which user names were given up and cannot be claimed yet."""

    async def put(self, key: str, *, until: datetime | None) -> None:
        """Marks a name; None for ever. Of two marks the later one holds."""
        ...

    async def standing(self, keys: Sequence[str], *, now: datetime) -> frozenset[str]:
        """Which of the names, at most 100, cannot be claimed at `now`."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes marks that ended before the moment, at most `limit`; answers how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """Something of a person's that is only kept sealed, under a purpose of user and id."""

    id: UUID
    user_id: UUID
    sealed: bytes
    updated_at: datetime


class SealedRecords(Protocol):
    """Keeps one sealed record for each person."""

    async def put(self, record: SealedRecord) -> None:
        """Keeps a record in the place of the person's former one."""
        ...

    async def find(self, user_id: UUID) -> SealedRecord | None:
        """The person's record."""
        ...

    async def remove(self, user_id: UUID) -> bool:
        """Removes it; false when there was none."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those not written since the moment, at most `limit`; answers how many."""
        ...


class PersonalRows(Protocol):
    """Everything that a store keeps only for the sake of one person."""

    async def erase(self, user_id: UUID, *, address_keys: Sequence[str]) -> None:
        """Removes the person's sessions, keys, factors, links, sealed records and assignments of roles, the
        codes and registrations that wait for one of the addresses, the invitations of these, the codes sent
        for the person's changes of address, and the first answers that tell of the person or that they got.
        The user stays."""
        ...

    async def mask_events(
        self, user_id: UUID, masks: Mapping[str, Mapping[str, Any]], *, after: int, limit: int
    ) -> int | None:
        """Takes what tells of a person out of the next `limit` events after a position of the log: the
        request's id out of every one about them, and out of those that `masks` names by their event the given
        fields, in whose place it puts the given values. Answers the position to go on after, or None at the
        end of the log."""
        ...

    async def dispossess(self, user_id: UUID) -> None:
        """Removes what lets somebody in besides the user's own fields, and what such a person may have left:
        passkeys, device keys, second factors, recovery codes, linked accounts and bank details, and every
        ceremony, sign-in, link and change of address under way. Sessions and roles stay."""
        ...
