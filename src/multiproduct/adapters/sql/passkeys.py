"""Passkeys in a table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.credentials import passkeys
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import Assertion, CredentialTaken, Passkey
from multiproduct.domain.shared import Aggregate

_p = passkeys.c

_ADD = in_each_dialect(  # uq_passkeys_credential_id
    lambda inserting: inserting(passkeys).on_conflict_do_nothing(index_elements=[_p.credential_id])
)
_FIND = select(passkeys).where(_p.id == bindparam("of_id"))  # pk_passkeys
_FIND_BY_CREDENTIAL = select(passkeys).where(  # uq_passkeys_credential_id
    _p.credential_id == bindparam("of_credential")
)
_OF_USER = (  # ix_passkeys_user_id
    select(passkeys).where(_p.user_id == bindparam("of_user")).order_by(_p.created_at, _p.id)
)
_USE = (  # pk_passkeys
    update(passkeys)
    .where(
        _p.id == bindparam("of_id"),
        _p.suspended_at.is_(None),
        or_(
            _p.sign_count < bindparam("new_count"),
            (_p.sign_count == 0) & (bindparam("new_count") == 0),
        ),
    )
    .values(
        sign_count=bindparam("new_count"), is_backed_up=bindparam("backed_up"), last_used_at=bindparam("at")
    )
)
_SUSPEND = (  # pk_passkeys
    update(passkeys)
    .where(_p.id == bindparam("of_id"), _p.suspended_at.is_(None))
    .values(suspended_at=bindparam("at"))
)
_RENAME = update(passkeys).where(_p.id == bindparam("of_id")).values(name=bindparam("new_name"))
_REMOVE = delete(passkeys).where(_p.id == bindparam("of_id"))


class SqlPasskeys:
    """The `Passkeys` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, passkey: Passkey) -> None:
        """Keeps a new one, unless the credential is known."""
        added = await self._lane.run(_ADD[self._lane.dialect], _row(passkey))
        if added.rowcount != 1:
            raise CredentialTaken
        self._track(passkey)

    async def find(self, id: UUID) -> Passkey | None:
        """By its id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _passkey(row)

    async def find_by_credential(self, credential_id: bytes) -> Passkey | None:
        """By the credential's id."""
        row = (await self._lane.run(_FIND_BY_CREDENTIAL, {"of_credential": credential_id})).first()
        return None if row is None else _passkey(row)

    async def of_user(self, user_id: UUID) -> Sequence[Passkey]:
        """All of a user."""
        return [_passkey(row) for row in await self._lane.run(_OF_USER, {"of_user": user_id})]

    async def use(self, passkey: Passkey, assertion: Assertion, *, now: datetime) -> bool:
        """Writes what an assertion told, if its count may follow the stored one."""
        written = await self._lane.run(
            _USE,
            {
                "of_id": passkey.id,
                "new_count": assertion.sign_count,
                "backed_up": assertion.is_backed_up,
                "at": now,
            },
        )
        return written.rowcount == 1

    async def suspend(self, passkey: Passkey) -> bool:
        """Writes `suspended_at` unless it is set."""
        written = await self._lane.run(_SUSPEND, {"of_id": passkey.id, "at": passkey.suspended_at})
        return self._is_first(passkey, written.rowcount)

    async def rename(self, passkey: Passkey) -> bool:
        """Writes the name."""
        written = await self._lane.run(_RENAME, {"of_id": passkey.id, "new_name": passkey.name})
        return self._is_first(passkey, written.rowcount)

    async def remove(self, passkey: Passkey) -> bool:
        """Removes it."""
        removed = await self._lane.run(_REMOVE, {"of_id": passkey.id})
        return self._is_first(passkey, removed.rowcount)

    def _is_first(self, passkey: Passkey, written: int) -> bool:
        # What a rival was faster with did not happen here, so neither did its events.
        if written == 1:
            self._track(passkey)
        return written == 1


def _row(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.id,
        "user_id": passkey.user_id,
        "credential_id": passkey.credential_id,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "aaguid": passkey.aaguid,
        "transports": list(passkey.transports),
        "name": passkey.name,
        "verifies_user": passkey.verifies_user,
        "is_backup_eligible": passkey.is_backup_eligible,
        "is_backed_up": passkey.is_backed_up,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
        "suspended_at": passkey.suspended_at,
    }


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        user_id=row.user_id,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        aaguid=row.aaguid,
        transports=tuple(row.transports),
        name=row.name,
        verifies_user=row.verifies_user,
        is_backup_eligible=row.is_backup_eligible,
        is_backed_up=row.is_backed_up,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        suspended_at=row.suspended_at,
    )
