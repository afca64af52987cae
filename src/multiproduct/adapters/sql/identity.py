"""Users and pending registrations in tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Row,
    Text,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_taken_key
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.roles import give_new_user, platform_roles
from multiproduct.adapters.sql.tables.identity import pending_registrations, users
from multiproduct.adapters.sql.types import DOCUMENT
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.identity import (
    AgreedTo,
    EmailAddress,
    EmailTaken,
    Gender,
    PendingRegistration,
    PhoneNumber,
    PhoneTaken,
    PostalAddress,
    User,
    Username,
    UsernameTaken,
    UserStatus,
)
from multiproduct.domain.identity.search_keys import search_key
from multiproduct.domain.shared import Aggregate, Conflict, StaleAggregate

MAX_KEYS = 100

_u = users.c
_rival = users.alias("rival")


def _has_rival(column: str) -> ColumnElement[bool]:
    """Whether somebody else has the key that is about to be written; by the column's unique index."""
    return exists().where(_rival.c[column] == bindparam(f"new_{column}"), _rival.c.id != bindparam("of_id"))


_ADD = in_each_dialect(lambda inserting: inserting(users).on_conflict_do_nothing())
_SAVE = (  # pk_users, uq_users_username_key, uq_users_email_key, uq_users_phone
    update(users)
    .where(
        _u.id == bindparam("of_id"),
        _u.version == bindparam("of_version"),
        ~_has_rival("username_key"),
        ~_has_rival("email_key"),
        ~_has_rival("phone"),
    )
    .values({column.name: bindparam(f"new_{column.name}") for column in users.c if column.name != "id"})
)
_SIGNED_IN = (  # pk_users
    update(users)
    .where(_u.id == bindparam("of_id"), _u.version == bindparam("of_version"))
    .values(last_login_at=bindparam("new_last_login_at"))
)
_CLASHES = select(
    _has_rival("username_key").label("username"),
    _has_rival("email_key").label("email"),
    _has_rival("phone").label("phone"),
    select(_u.version).where(_u.id == bindparam("of_id")).scalar_subquery().label("version"),
)
SELECT_USERS = select(users, platform_roles(_u.id).label("roles"))
"""Users with their roles at the moment `at`: what `user_of` reads."""
_FIND = SELECT_USERS.where(_u.id == bindparam("of_id"))  # pk_users
_FIND_BY_USERNAME = SELECT_USERS.where(_u.username_key == bindparam("of_key"))  # uq_users_username_key
_FIND_BY_EMAIL = SELECT_USERS.where(_u.email_key == bindparam("of_key"))  # uq_users_email_key
_FIND_BY_PHONE = SELECT_USERS.where(_u.phone == bindparam("of_key"))  # uq_users_phone
# One parameter for any number of keys, so that there is one prepared statement; only the index is read.
_TAKEN = {  # uq_users_username_key
    "postgresql": select(_u.username_key).where(
        _u.username_key == any_(bindparam("keys", type_=ARRAY(Text)))
    ),
    "sqlite": select(_u.username_key).where(
        _u.username_key.in_(
            select(func.json_each(bindparam("keys", type_=DOCUMENT)).table_valued("value").c.value)
        )
    ),
}


class SqlUsers:
    """The `Users` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None], now: Callable[[], datetime]) -> None:
        self._lane = lane
        self._track = track
        self._now = now

    async def add(self, user: User) -> None:
        """Keeps a new user, unless a key is taken."""
        added = await self._lane.run(_ADD[self._lane.dialect], _user_row(user))
        if added.rowcount != 1:
            raise await self._clash(user)
        await give_new_user(self._lane, user.id, user.roles, now=user.created_at)
        self._track(user)

    async def save(self, user: User) -> None:
        """Writes a user, unless it is stale or a key is taken.

        A rival that takes the key at the very same time makes PostgreSQL abort the transaction; that is
        a TransientFailure, and when the unit is run again the rival's key is seen.
        """
        values = {f"new_{name}": value for name, value in _user_row(user).items() if name != "id"}
        values["new_version"] = user.version + 1
        try:
            saved = await self._lane.run(_SAVE, {"of_id": user.id, "of_version": user.version, **values})
        except IntegrityError as error:
            if not is_taken_key(error):
                raise
            raise TransientFailure("a rival took the key") from error
        if saved.rowcount != 1:
            raise await self._refusal(user)
        user.version += 1
        self._track(user)

    async def signed_in(self, user: User, *, now: datetime) -> None:
        """Writes the moment, unless the user is stale."""
        of = {"of_id": user.id, "of_version": user.version, "new_last_login_at": now}
        if (await self._lane.run(_SIGNED_IN, of)).rowcount != 1:
            raise StaleAggregate(id=str(user.id))
        user.last_login_at = now
        self._track(user)

    async def find(self, id: UUID) -> User | None:
        """The user by id."""
        return await self._found(_FIND, {"of_id": id})

    async def find_by_username(self, key: str) -> User | None:
        """The user by the user name's key."""
        return await self._found(_FIND_BY_USERNAME, {"of_key": key})

    async def find_by_email(self, key: str) -> User | None:
        """The user by the e-mail address' key."""
        return await self._found(_FIND_BY_EMAIL, {"of_key": key})

    async def find_by_phone(self, key: str) -> User | None:
        """The user by E.164 number."""
        return await self._found(_FIND_BY_PHONE, {"of_key": key})

    async def usernames_taken(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of at most 100 keys somebody has. Raises ValueError for more."""
        if len(keys) > MAX_KEYS:
            raise ValueError(f"at most {MAX_KEYS} user names are looked up at once")
        found = await self._lane.run(_TAKEN[self._lane.dialect], {"keys": list(keys)})
        return frozenset(found.scalars())

    async def _found(self, statement: Executable, of: dict[str, Any]) -> User | None:
        row = (await self._lane.run(statement, {**of, "at": self._now()})).first()
        return None if row is None else user_of(row)

    async def _clash(self, user: User) -> Exception:
        clashes = await self._clashes(user)
        # Nothing clashes any more: whoever had the key has just given it up, so another try will do.
        return _taken(user, clashes) or TransientFailure("the key is free again")

    async def _refusal(self, user: User) -> Exception:
        clashes = await self._clashes(user)
        if clashes.version != user.version:
            return StaleAggregate(id=str(user.id))
        return _taken(user, clashes) or TransientFailure("the key is free again")

    async def _clashes(self, user: User) -> Row[Any]:
        keys = {f"new_{name}": _user_row(user)[name] for name in ("username_key", "email_key", "phone")}
        return (await self._lane.run(_CLASHES, {"of_id": user.id, **keys})).one()


def _taken(user: User, clashes: Row[Any]) -> Conflict | None:
    if clashes.username:
        return UsernameTaken(username=user.username.display)
    if clashes.email:
        return EmailTaken()
    return PhoneTaken() if clashes.phone else None


def _user_row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "version": user.version,
        "username": user.username.display,
        "username_key": user.username.key,
        "email": user.email and user.email.display,
        "email_key": user.email and user.email.key,
        "phone": user.phone and user.phone.e164,
        "password_hash": user.password_hash,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "gender": user.gender and user.gender.value,
        "date_of_birth": user.date_of_birth,
        "address": user.address and _address_document(user.address),
        "avatar": user.avatar,
        "locale": user.locale,
        "time_zone": user.time_zone,
        "email_verified": user.email_verified,
        "phone_verified": user.phone_verified,
        "username_generated": user.username_generated,
        "status": user.status.value,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_login_at": user.last_login_at,
        "first_name_key": search_key(user.first_name),
        "last_name_key": search_key(user.last_name),
    }


def user_of(row: Row[Any]) -> User:
    """The user in a row of `SELECT_USERS`."""
    return User(
        id=row.id,
        version=row.version,
        username=Username(display=row.username, key=row.username_key),
        email=_email(row),
        phone=_phone(row),
        password_hash=row.password_hash,
        first_name=row.first_name,
        last_name=row.last_name,
        gender=row.gender and Gender(row.gender),
        date_of_birth=row.date_of_birth,
        address=None if row.address is None else PostalAddress(**row.address),
        avatar=row.avatar,
        locale=row.locale,
        time_zone=row.time_zone,
        email_verified=row.email_verified,
        phone_verified=row.phone_verified,
        username_generated=row.username_generated,
        status=UserStatus(row.status),
        roles=frozenset(row.roles),
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_login_at=row.last_login_at,
    )


def _address_document(address: PostalAddress) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country": address.country,
    }


def _email(row: Row[Any]) -> EmailAddress | None:
    return None if row.email_key is None else EmailAddress(display=row.email, key=row.email_key)


def _phone(row: Row[Any]) -> PhoneNumber | None:
    return None if row.phone is None else PhoneNumber(e164=row.phone)


_p = pending_registrations.c
_ADD_PENDING = insert(pending_registrations)
_FIND_PENDING = select(pending_registrations).where(_p.id == bindparam("of_id"))  # pk_pending_registrations
_PENDING_OF_ADDRESS = (  # ix_pending_registrations_email_key, ..._phone
    select(pending_registrations)
    .where(or_(_p.email_key == bindparam("of_email"), _p.phone == bindparam("of_phone")))
    .order_by(_p.created_at.desc(), _p.id.desc())
    .limit(bindparam("at_most"))
)
_REMOVE_RIVALS = delete(pending_registrations).where(  # ix_pending_registrations_email_key, ..._phone
    or_(_p.email_key == bindparam("of_email"), _p.phone == bindparam("of_phone"))
)
_PURGE_PENDING = purge_of(  # ix_pending_registrations_expires_at
    pending_registrations, _p.expires_at < bindparam("before")
)


class SqlPendingRegistrations:
    """The `PendingRegistrations` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, pending: PendingRegistration) -> None:
        """Keeps a new one."""
        await self._lane.run(_ADD_PENDING, _pending_row(pending))
        self._track(pending)

    async def find(self, id: UUID) -> PendingRegistration | None:
        """By the id of its challenge."""
        row = (await self._lane.run(_FIND_PENDING, {"of_id": id})).first()
        return None if row is None else _pending(row)

    async def of_address(
        self, *, email_key: str | None, phone_key: str | None, limit: int
    ) -> Sequence[PendingRegistration]:
        """Those kept for an address, the newest first. A null key equals nothing."""
        named = {"of_email": email_key, "of_phone": phone_key, "at_most": limit}
        return [_pending(row) for row in (await self._lane.run(_PENDING_OF_ADDRESS, named)).all()]

    async def remove_rivals(self, *, email_key: str | None, phone_key: str | None) -> int:
        """Removes all that wait for either address. A null key equals nothing."""
        return (await self._lane.run(_REMOVE_RIVALS, {"of_email": email_key, "of_phone": phone_key})).rowcount

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE_PENDING, before=before, limit=limit)


def _pending_row(pending: PendingRegistration) -> dict[str, Any]:
    return {
        "id": pending.id,
        "email": pending.email and pending.email.display,
        "email_key": pending.email and pending.email.key,
        "phone": pending.phone and pending.phone.e164,
        "username": pending.username and pending.username.display,
        "username_key": pending.username and pending.username.key,
        "password_hash": pending.password_hash,
        "first_name": pending.first_name,
        "last_name": pending.last_name,
        "locale": pending.locale,
        "time_zone": pending.time_zone,
        "created_at": pending.created_at,
        "expires_at": pending.expires_at,
        "consents": [[each.kind, each.version] for each in pending.consents],
        "ip": pending.ip,
    }


def _pending(row: Row[Any]) -> PendingRegistration:
    has_username = row.username_key is not None
    return PendingRegistration(
        id=row.id,
        email=_email(row),
        phone=_phone(row),
        username=Username(display=row.username, key=row.username_key) if has_username else None,
        password_hash=row.password_hash,
        first_name=row.first_name,
        last_name=row.last_name,
        locale=row.locale,
        time_zone=row.time_zone,
        created_at=row.created_at,
        expires_at=row.expires_at,
        consents=tuple(AgreedTo(kind=kind, version=version) for kind, version in row.consents or ()),
        ip=row.ip,
    )
