"""Device keys in a table, and another that tells which of them began a session."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, insert, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.credentials import device_key_sessions, device_keys
from multiproduct.adapters.sql.tables.identity import sessions
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import (
    CredentialTaken,
    DeviceKey,
    DeviceKeyState,
    EndReason,
    KeyStorage,
    SessionEnded,
    UserVerification,
)
from multiproduct.domain.identity.device_key import MAX_FAILURES
from multiproduct.domain.shared import Aggregate, Event

_d, _s = device_keys.c, sessions.c
_REVOKED = DeviceKeyState.REVOKED.value
_is_confirmed = _d.state == DeviceKeyState.CONFIRMED.value
_is_last_failure = _d.failures + 1 >= MAX_FAILURES

_ADD = in_each_dialect(  # uq_device_keys_key_id
    lambda inserting: inserting(device_keys).on_conflict_do_nothing(index_elements=[_d.key_id])
)
_FIND = select(device_keys).where(_d.id == bindparam("of_id"))  # pk_device_keys
_FIND_BY_KEY_ID = select(device_keys).where(_d.key_id == bindparam("of_key"))  # uq_device_keys_key_id
_OF_USER = (  # ix_device_keys_user_id
    select(device_keys)
    .where(_d.user_id == bindparam("of_user"), _d.state != _REVOKED)
    .order_by(_d.created_at, _d.id)
)
_USE = (  # pk_device_keys
    update(device_keys)
    .where(_d.id == bindparam("of_id"), _is_confirmed)
    .values(failures=bindparam("new_failures"), last_used_at=bindparam("at"))
)
_REFUSE = (  # pk_device_keys
    update(device_keys)
    .where(_d.id == bindparam("of_id"), _is_confirmed)
    .values(
        failures=_d.failures + 1,
        state=case((_is_last_failure, DeviceKeyState.LOCKED.value), else_=_d.state),
        locked_at=case((_is_last_failure, bindparam("at", type_=_d.locked_at.type)), else_=_d.locked_at),
    )
    .returning(device_keys)
)
_RENAME = (  # pk_device_keys
    update(device_keys)
    .where(_d.id == bindparam("of_id"), _d.state != _REVOKED)
    .values(name=bindparam("new_name"))
)
_REVOKE = (  # pk_device_keys
    update(device_keys)
    .where(_d.id == bindparam("of_id"), _d.state != _REVOKED)
    .values(state=_REVOKED, revoked_at=bindparam("at"))
)
_BEGAN = insert(device_key_sessions)
_END_SESSIONS = (  # ix_device_key_sessions_device_key_id, pk_sessions
    update(sessions)
    .where(
        _s.id.in_(
            select(device_key_sessions.c.session_id).where(
                device_key_sessions.c.device_key_id == bindparam("of_key")
            )
        ),
        _s.ended_at.is_(None),
        _s.idle_expires_at > bindparam("at"),
        _s.absolute_expires_at > bindparam("at"),
    )
    .values(ended_at=bindparam("at"), end_reason=bindparam("reason"))
    .returning(_s.id, _s.user_id)
)


class SqlDeviceKeys:
    """The `DeviceKeys` port."""

    def __init__(
        self, lane: Lane, track: Callable[[Aggregate], None], record: Callable[[Event], None]
    ) -> None:
        self._lane = lane
        self._track = track
        self._record = record

    async def add(self, key: DeviceKey) -> None:
        """Keeps a new one, unless it is known."""
        added = await self._lane.run(_ADD[self._lane.dialect], _row(key))
        if added.rowcount != 1:
            raise CredentialTaken
        self._track(key)

    async def find(self, id: UUID) -> DeviceKey | None:
        """By its id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _key(row)

    async def find_by_key_id(self, key_id: str) -> DeviceKey | None:
        """By the digest of its public key."""
        row = (await self._lane.run(_FIND_BY_KEY_ID, {"of_key": key_id})).first()
        return None if row is None else _key(row)

    async def of_user(self, user_id: UUID) -> Sequence[DeviceKey]:
        """Those of a user that are not revoked."""
        return [_key(row) for row in await self._lane.run(_OF_USER, {"of_user": user_id})]

    async def use(self, key: DeviceKey) -> bool:
        """Writes that a signature was right, if the key is confirmed."""
        written = await self._lane.run(
            _USE, {"of_id": key.id, "new_failures": key.failures, "at": key.last_used_at}
        )
        return self._is_first(key, written.rowcount)

    async def refuse(self, id: UUID, *, now: datetime) -> DeviceKey | None:
        """Counts a wrong signature."""
        row = (await self._lane.run(_REFUSE, {"of_id": id, "at": now})).first()
        return None if row is None else _key(row)

    async def note(self, key: DeviceKey) -> None:
        """Logs the events."""
        self._track(key)

    async def rename(self, key: DeviceKey) -> bool:
        """Writes the name."""
        written = await self._lane.run(_RENAME, {"of_id": key.id, "new_name": key.name})
        return self._is_first(key, written.rowcount)

    async def revoke(self, key: DeviceKey) -> bool:
        """Writes that it is revoked, unless it was."""
        written = await self._lane.run(_REVOKE, {"of_id": key.id, "at": key.revoked_at})
        return self._is_first(key, written.rowcount)

    async def began(self, key_id: UUID, session_id: UUID) -> None:
        """Notes which key began a session."""
        await self._lane.run(_BEGAN, {"session_id": session_id, "device_key_id": key_id})

    async def end_sessions(self, key_id: UUID, *, reason: EndReason, now: datetime) -> Sequence[UUID]:
        """Ends every live session that the key began, and records that each ended."""
        rows = await self._lane.run(_END_SESSIONS, {"of_key": key_id, "at": now, "reason": reason.value})
        ended = sorted((row.id, row.user_id) for row in rows)
        for session_id, user_id in ended:
            self._record(
                SessionEnded(occurred_at=now, session_id=session_id, user_id=user_id, reason=reason.value)
            )
        return [session_id for session_id, _ in ended]

    def _is_first(self, key: DeviceKey, written: int) -> bool:
        # What a rival was faster with did not happen here, so neither did its events.
        if written == 1:
            self._track(key)
        return written == 1


def _row(key: DeviceKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "user_id": key.user_id,
        "key_id": key.key_id,
        "spki": key.spki,
        "name": key.name,
        "user_verification": key.user_verification.value,
        "storage": key.storage.value,
        "state": key.state.value,
        "failures": key.failures,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "locked_at": key.locked_at,
        "revoked_at": key.revoked_at,
    }


def _key(row: Row[Any]) -> DeviceKey:
    return DeviceKey(
        id=row.id,
        user_id=row.user_id,
        key_id=row.key_id,
        spki=row.spki,
        name=row.name,
        user_verification=UserVerification(row.user_verification),
        storage=KeyStorage(row.storage),
        state=DeviceKeyState(row.state),
        failures=row.failures,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        locked_at=row.locked_at,
        revoked_at=row.revoked_at,
    )
