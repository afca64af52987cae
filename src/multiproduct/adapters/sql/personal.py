"""What is kept only for one person's sake: user names given up, sealed records, and the rows that an erasure
removes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Executable,
    Integer,
    Table,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.account import contact_changes
from multiproduct.adapters.sql.tables.administration import bank_details, invitations, username_tombstones
from multiproduct.adapters.sql.tables.credentials import ceremony_challenges, device_keys, passkeys
from multiproduct.adapters.sql.tables.identity import pending_registrations, sessions
from multiproduct.adapters.sql.tables.inbox import inbox_counters, inbox_entries, stream_tickets
from multiproduct.adapters.sql.tables.log import events
from multiproduct.adapters.sql.tables.otp import challenges
from multiproduct.adapters.sql.tables.push_devices import push_devices
from multiproduct.adapters.sql.tables.roles import role_assignments
from multiproduct.adapters.sql.tables.second_factors import (
    pending_sign_ins,
    recovery_codes,
    sms_factors,
    totp_factors,
)
from multiproduct.adapters.sql.tables.shared import idempotency
from multiproduct.adapters.sql.tables.social import social_accounts, social_states, social_unlinks
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.identity.administration_ports import SealedRecord

MAX_KEYS = 100
_t = username_tombstones.c

_PUT_TOMBSTONE = in_each_dialect(  # pk_username_tombstones
    lambda inserting: inserting(username_tombstones).on_conflict_do_update(
        index_elements=[_t.key],
        set_={
            "until": case(
                (_t.until.is_(None), None),
                (inserting(username_tombstones).excluded.until.is_(None), None),
                (
                    inserting(username_tombstones).excluded.until > _t.until,
                    inserting(username_tombstones).excluded.until,
                ),
                else_=_t.until,
            )
        },
    )
)
_STANDING = select(_t.key).where(  # pk_username_tombstones
    _t.key.in_(bindparam("keys", expanding=True)), or_(_t.until.is_(None), _t.until > bindparam("at"))
)
_PURGE_TOMBSTONES = purge_of(  # ix_username_tombstones_until
    username_tombstones, _t.until < bindparam("before")
)


class SqlUsernameTombstones:
    """The `UsernameTombstones` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def put(self, key: str, *, until: datetime | None) -> None:
        """Marks a name; the later mark holds."""
        await self._lane.run(_PUT_TOMBSTONE[self._lane.dialect], {"key": key, "until": until})

    async def standing(self, keys: Sequence[str], *, now: datetime) -> frozenset[str]:
        """Which of at most 100 names cannot be claimed. Raises ValueError for more."""
        if len(keys) > MAX_KEYS:
            raise ValueError(f"at most {MAX_KEYS} user names are looked up at once")
        if not keys:
            return frozenset()
        found = await self._lane.run(_STANDING, {"keys": list(keys), "at": now})
        return frozenset(found.scalars())

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes marks that ended before the moment."""
        return await purge(self._lane, _PURGE_TOMBSTONES, before=before, limit=limit)


@dataclass(frozen=True, slots=True)
class _SealedStatements:
    put: Mapping[str, Executable]
    find: Executable
    remove: Executable
    purge: Executable


@lru_cache
def _statements(table: Table) -> _SealedStatements:
    """Made once for each table, not for each unit."""
    c = table.c
    return _SealedStatements(
        put=in_each_dialect(
            lambda inserting: inserting(table).on_conflict_do_update(
                index_elements=[c.user_id],
                set_={name: inserting(table).excluded[name] for name in ("id", "sealed", "updated_at")},
            )
        ),
        find=select(table).where(c.user_id == bindparam("of_user")),
        remove=delete(table).where(c.user_id == bindparam("of_user")),
        purge=purge_of(table, c.updated_at < bindparam("before")),
    )


class SqlSealedRecords:
    """The `SealedRecords` port, over one table."""

    def __init__(self, lane: Lane, table: Table) -> None:
        self._lane = lane
        self._statements = _statements(table)

    async def put(self, record: SealedRecord) -> None:
        """Keeps a record in the place of the former one."""
        row = {
            "id": record.id,
            "user_id": record.user_id,
            "sealed": record.sealed,
            "updated_at": record.updated_at,
        }
        await self._lane.run(self._statements.put[self._lane.dialect], row)

    async def find(self, user_id: UUID) -> SealedRecord | None:
        """The person's record."""
        row = (await self._lane.run(self._statements.find, {"of_user": user_id})).first()
        if row is None:
            return None
        return SealedRecord(
            id=row.id, user_id=row.user_id, sealed=bytes(row.sealed), updated_at=row.updated_at
        )

    async def remove(self, user_id: UUID) -> bool:
        """Removes it."""
        return (await self._lane.run(self._statements.remove, {"of_user": user_id})).rowcount == 1

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those not written since the moment."""
        return await purge(self._lane, self._statements.purge, before=before, limit=limit)


WAYS_IN: tuple[Column[UUID], ...] = (
    # device_key_sessions go with their keys.
    passkeys.c.user_id,
    device_keys.c.user_id,
    ceremony_challenges.c.user_id,
    totp_factors.c.user_id,
    sms_factors.c.user_id,
    recovery_codes.c.user_id,
    pending_sign_ins.c.user_id,
    social_accounts.c.user_id,
    social_states.c.user_id,
    social_unlinks.c.user_id,
    contact_changes.c.user_id,
    bank_details.c.user_id,
)
ERASED_BY_USER: tuple[Column[UUID], ...] = (
    # device_key_sessions go with their sessions.
    sessions.c.user_id,
    role_assignments.c.user_id,
    invitations.c.user_id,
    # The counter goes first, as everybody takes it first.
    inbox_counters.c.user_id,
    inbox_entries.c.user_id,
    stream_tickets.c.user_id,
    push_devices.c.user_id,
    *WAYS_IN,
)
ERASED_BY_ADDRESS: tuple[Column[str], ...] = (
    challenges.c.subject,
    pending_registrations.c.email_key,
    pending_registrations.c.phone,
    invitations.c.email_key,
)
KEPT_OF_USER = frozenset(
    {
        "farewells.user_id",  # goes with the last mail, or after a week
        "pictures.user_id",  # a file stands for it, which a job removes first
        "documents.user_id",  # likewise
        "consents.user_id",  # that somebody agreed; from where is taken out
        "deliveries.user_id",  # that something was sent; addresses are masked there
        "notification_preferences.user_id",  # a joining reaction removes them
        "notification_settings.user_id",  # likewise
        "notification_digests.user_id",  # likewise, with their items
        "audit_entries.user_id",  # a pseudonym
        "ledger_accounts.owner_id",  # likewise: the books stay whole
        "subscriptions.user_id",  # likewise; a joining reaction ends and empties them
        "subscription_trials.user_id",  # likewise
        "webhook_endpoints.owner_id",  # a reaction removes them, with all that hangs on them
        "webhook_secrets.user_id",  # likewise
        "payment_methods.user_id",  # a reaction has the gateway forget the token, and blanks the row
    }
)
"""Columns that name a user and stay, each with the reason. A test compares these lists with the tables."""
_ERASE_BY_USER: tuple[Executable, ...] = tuple(
    delete(column.table).where(column == bindparam("of_user")) for column in ERASED_BY_USER
)
_DISPOSSESS: tuple[Executable, ...] = tuple(
    delete(column.table).where(column == bindparam("of_user")) for column in WAYS_IN
)
_ERASE_ANSWERS = delete(idempotency).where(  # ix_idempotency_about
    idempotency.c.about.in_(bindparam("keys", expanding=True))
)
_ERASE_OWN_ANSWERS = delete(idempotency).where(  # goes through all of them, a day's: erasures are few
    idempotency.c.scope.endswith(bindparam("of_caller"))
)
# By id where the new address may be somebody else's: it was never proved to be the person's.
_ERASE_OF_CHANGES = delete(challenges).where(  # pk_challenges
    challenges.c.id.in_(select(contact_changes.c.id).where(contact_changes.c.user_id == bindparam("of_user")))
)
_FORMER_ADDRESSES = select(contact_changes.c.old_email_key, contact_changes.c.old_phone).where(
    contact_changes.c.user_id == bindparam("of_user")
)
_ERASE_CODES = delete(challenges).where(challenges.c.subject.in_(bindparam("keys", expanding=True)))
_e = events.c
_stretch = (
    select(_e.position)
    .where(_e.position > bindparam("after"))
    .order_by(_e.position)
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_STRETCH = select(func.count().label("seen"), func.max(_stretch.c.position).label("last"))  # pk_events
_OF_PERSON = select(_e.position, _e.name, _e.fields).where(  # pk_events
    _e.position > bindparam("after"),
    _e.position <= bindparam("last"),
    _e.fields["user_id"].as_string() == bindparam("of_user"),
)
_MASK = (  # pk_events
    update(events)
    .where(_e.position == bindparam("of_position"))
    .values(fields=bindparam("masked", type_=_e.fields.type), request_id=None)
)
_ERASE_BY_ADDRESS: tuple[Executable, ...] = tuple(
    delete(column.table).where(column.in_(bindparam("keys", expanding=True))) for column in ERASED_BY_ADDRESS
)


class SqlPersonalRows:
    """The `PersonalRows` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def erase(self, user_id: UUID, *, address_keys: Sequence[str]) -> None:
        """Removes what is kept for this person only."""
        former = await self._lane.run(_FORMER_ADDRESSES, {"of_user": user_id})
        old_keys = [key for row in former for key in row if key]
        if old_keys:
            await self._lane.run(_ERASE_CODES, {"keys": old_keys})
        await self._lane.run(_ERASE_OF_CHANGES, {"of_user": user_id})
        for statement in _ERASE_BY_USER:
            await self._lane.run(statement, {"of_user": user_id})
        await self._lane.run(_ERASE_ANSWERS, {"keys": [str(user_id), *address_keys]})
        await self._lane.run(_ERASE_OWN_ANSWERS, {"of_caller": f"/{user_id}"})
        if address_keys:
            for statement in _ERASE_BY_ADDRESS:
                await self._lane.run(statement, {"keys": list(address_keys)})

    async def mask_events(
        self, user_id: UUID, masks: Mapping[str, Mapping[str, Any]], *, after: int, limit: int
    ) -> int | None:
        """Takes what tells of a person out of some events."""
        stretch = (await self._lane.run(_STRETCH, {"after": after, "most": limit})).one()
        if stretch.last is None:
            return None
        found = await self._lane.run(
            _OF_PERSON, {"after": after, "last": stretch.last, "of_user": str(user_id)}
        )
        masked = [
            {"of_position": row.position, "masked": {**row.fields, **masks.get(row.name, {})}}
            for row in found
        ]
        if masked:
            await self._lane.run(_MASK, masked)
        last: int = stretch.last
        return last if stretch.seen == limit else None

    async def dispossess(self, user_id: UUID) -> None:
        """Removes ways in, and what is under way."""
        for statement in _DISPOSSESS:
            await self._lane.run(statement, {"of_user": user_id})
