"""Authenticator apps, recovery codes and waiting sign-ins in tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.identity import users
from multiproduct.adapters.sql.tables.second_factors import (
    pending_sign_ins,
    recovery_codes,
    sms_factors,
    totp_factors,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import (
    EmailAddress,
    ForeignIdentity,
    PendingSignIn,
    Provider,
    RecoveryCode,
    SmsFactor,
    TotpFactor,
)
from multiproduct.domain.identity.pending_sign_in import MAX_ATTEMPTS
from multiproduct.domain.identity.recovery_codes import CODES
from multiproduct.domain.shared import Aggregate

Track = Callable[[Aggregate], None]

_t = totp_factors.c
_SAVED = ("name", "sealed_secret", "confirmed_at", "failures", "locked_until")
_ADD_TOTP = insert(totp_factors)
_REMOVE_UNCONFIRMED = delete(totp_factors).where(  # ix_totp_factors_user_id
    _t.user_id == bindparam("of_user"), _t.confirmed_at.is_(None)
)
_TOTP_OF_USER = (  # ix_totp_factors_user_id
    select(totp_factors).where(_t.user_id == bindparam("of_user")).order_by(_t.id)
)
# In one order, so that rivals wait for one another and not in a circle.
_HOLD_TOTP = _TOTP_OF_USER.with_for_update()
_USE_STEP = (  # pk_totp_factors
    update(totp_factors)
    .where(_t.id == bindparam("of_id"), _t.last_step < bindparam("step"))
    .values(last_step=bindparam("step"))
)
_SAVE_TOTP = (  # pk_totp_factors
    update(totp_factors)
    .where(_t.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)
_REMOVE_TOTP = delete(totp_factors).where(_t.id == bindparam("of_id"))  # pk_totp_factors
_PURGE_TOTP = purge_of(  # ix_totp_factors_unconfirmed
    totp_factors, _t.confirmed_at.is_(None) & (_t.created_at < bindparam("before"))
)

_r = recovery_codes.c
_HOLD_OWNER = select(users.c.id).where(users.c.id == bindparam("of_user")).with_for_update()  # pk_users
_REMOVE_CODES = delete(recovery_codes).where(_r.user_id == bindparam("of_user"))  # ix_recovery_codes_user_id
_ADD_CODE = insert(recovery_codes)
_UNUSED = (  # ix_recovery_codes_user_id
    select(recovery_codes)
    .where(_r.user_id == bindparam("of_user"), _r.used_at.is_(None))
    .order_by(_r.id)
    .limit(CODES)
)
_USE_CODE = (  # pk_recovery_codes
    update(recovery_codes)
    .where(_r.id == bindparam("of_id"), _r.used_at.is_(None))
    .values(used_at=bindparam("at"))
)

_s = sms_factors.c
_ADD_SMS = in_each_dialect(  # pk_sms_factors
    lambda inserting: inserting(sms_factors).on_conflict_do_nothing(index_elements=[_s.user_id])
)
_FIND_SMS = select(sms_factors).where(_s.user_id == bindparam("of_user"))  # pk_sms_factors
_REMOVE_SMS = delete(sms_factors).where(_s.user_id == bindparam("of_user"))  # pk_sms_factors

_p = pending_sign_ins.c
_ADD_PENDING = insert(pending_sign_ins)
_FIND_PENDING = select(pending_sign_ins).where(_p.id == bindparam("of_id"))  # pk_pending_sign_ins
_TAKE_ATTEMPT = (  # pk_pending_sign_ins
    update(pending_sign_ins)
    .where(
        _p.id == bindparam("of_id"),
        _p.completed_at.is_(None),
        _p.attempts < MAX_ATTEMPTS,
        _p.expires_at > bindparam("at"),
    )
    .values(attempts=_p.attempts + 1)
    .returning(pending_sign_ins)
)
_COMPLETE = (  # pk_pending_sign_ins
    update(pending_sign_ins)
    .where(_p.id == bindparam("of_id"), _p.completed_at.is_(None))
    .values(completed_at=bindparam("at"))
)
_PURGE_PENDING = purge_of(
    pending_sign_ins, _p.expires_at < bindparam("before")
)  # ix_pending_sign_ins_expires_at


class SqlTotpFactors:
    """The `TotpFactors` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, factor: TotpFactor) -> None:
        """Keeps a new one in place of others that are not confirmed."""
        await self._lane.run(_REMOVE_UNCONFIRMED, {"of_user": factor.user_id})
        await self._lane.run(_ADD_TOTP, _totp_row(factor))
        self._track(factor)

    async def of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """All of a user."""
        return [_totp(row) for row in await self._lane.run(_TOTP_OF_USER, {"of_user": user_id})]

    async def hold_of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """All of a user, their rows locked until the unit ends."""
        return [_totp(row) for row in await self._lane.run(_HOLD_TOTP, {"of_user": user_id})]

    async def use_step(self, factor: TotpFactor, step: int) -> bool:
        """Writes the step if it is later than the last one."""
        written = await self._lane.run(_USE_STEP, {"of_id": factor.id, "step": step})
        return written.rowcount == 1

    async def save(self, factor: TotpFactor) -> None:
        """Writes a held factor, but for its last step."""
        row = _totp_row(factor)
        values = {f"new_{name}": row[name] for name in _SAVED}
        await self._lane.run(_SAVE_TOTP, {"of_id": factor.id, **values})
        self._track(factor)

    async def remove(self, factor: TotpFactor) -> bool:
        """Removes it, unless it is gone."""
        removed = await self._lane.run(_REMOVE_TOTP, {"of_id": factor.id})
        if removed.rowcount != 1:
            return False
        self._track(factor)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes unconfirmed ones made before the moment."""
        return await purge(self._lane, _PURGE_TOTP, before=before, limit=limit)


class SqlRecoveryCodes:
    """The `RecoveryCodes` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def replace(self, user_id: UUID, codes: Sequence[RecoveryCode]) -> None:
        """Puts the codes in the place of all others; the user's row is held, so that of two sets one
        stays."""
        await self._lane.run(_HOLD_OWNER, {"of_user": user_id})
        await self._lane.run(_REMOVE_CODES, {"of_user": user_id})
        if codes:
            await self._lane.run(_ADD_CODE, [_code_row(code) for code in codes])

    async def unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """The unused ones."""
        return [_code(row) for row in await self._lane.run(_UNUSED, {"of_user": user_id})]

    async def hold_unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """The unused ones, with the user's row held until the unit ends."""
        await self._lane.run(_HOLD_OWNER, {"of_user": user_id})
        return await self.unused(user_id)

    async def use(self, code: RecoveryCode, *, now: datetime) -> bool:
        """Writes `used_at` unless it is set."""
        written = await self._lane.run(_USE_CODE, {"of_id": code.id, "at": now})
        return written.rowcount == 1


class SqlSmsFactors:
    """The `SmsFactors` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, factor: SmsFactor) -> bool:
        """Keeps it, unless the person has one."""
        row = {"user_id": factor.user_id, "added_at": factor.added_at}
        if (await self._lane.run(_ADD_SMS[self._lane.dialect], row)).rowcount != 1:
            return False
        self._track(factor)
        return True

    async def find(self, user_id: UUID) -> SmsFactor | None:
        """The person's."""
        row = (await self._lane.run(_FIND_SMS, {"of_user": user_id})).first()
        return None if row is None else SmsFactor(user_id=row.user_id, added_at=row.added_at)

    async def remove(self, factor: SmsFactor) -> bool:
        """Removes it, unless it is gone."""
        if (await self._lane.run(_REMOVE_SMS, {"of_user": factor.user_id})).rowcount != 1:
            return False
        self._track(factor)
        return True


class SqlPendingSignIns:
    """The `PendingSignIns` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, pending: PendingSignIn) -> None:
        """Keeps a new one."""
        await self._lane.run(_ADD_PENDING, _pending_row(pending))
        self._track(pending)

    async def find(self, id: UUID) -> PendingSignIn | None:
        """As it stands."""
        row = (await self._lane.run(_FIND_PENDING, {"of_id": id})).first()
        return None if row is None else _pending(row)

    async def take_attempt(self, id: UUID, *, now: datetime) -> PendingSignIn | None:
        """Counts one attempt at a live one."""
        row = (await self._lane.run(_TAKE_ATTEMPT, {"of_id": id, "at": now})).first()
        return None if row is None else _pending(row)

    async def complete(self, pending: PendingSignIn, *, now: datetime) -> bool:
        """Writes `completed_at` unless it is set."""
        written = await self._lane.run(_COMPLETE, {"of_id": pending.id, "at": now})
        return written.rowcount == 1

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE_PENDING, before=before, limit=limit)


def _totp_row(factor: TotpFactor) -> dict[str, Any]:
    return {
        "id": factor.id,
        "user_id": factor.user_id,
        "name": factor.name,
        "sealed_secret": factor.sealed_secret,
        "created_at": factor.created_at,
        "confirmed_at": factor.confirmed_at,
        "last_step": factor.last_step,
        "failures": factor.failures,
        "locked_until": factor.locked_until,
    }


def _totp(row: Row[Any]) -> TotpFactor:
    return TotpFactor(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        sealed_secret=row.sealed_secret,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        last_step=row.last_step,
        failures=row.failures,
        locked_until=row.locked_until,
    )


def _code_row(code: RecoveryCode) -> dict[str, Any]:
    return {
        "id": code.id,
        "user_id": code.user_id,
        "sealed_digest": code.sealed_digest,
        "created_at": code.created_at,
        "used_at": code.used_at,
    }


def _code(row: Row[Any]) -> RecoveryCode:
    return RecoveryCode(
        id=row.id,
        user_id=row.user_id,
        sealed_digest=row.sealed_digest,
        created_at=row.created_at,
        used_at=row.used_at,
    )


def _pending_row(pending: PendingSignIn) -> dict[str, Any]:
    return {
        "id": pending.id,
        "user_id": pending.user_id,
        "key_id": pending.key_id,
        "methods": list(pending.methods),
        "credential_mark": pending.credential_mark,
        "device_key_id": pending.device_key_id,
        "created_at": pending.created_at,
        "expires_at": pending.expires_at,
        "attempts": pending.attempts,
        "completed_at": pending.completed_at,
        "to_be_linked": _identity_row(pending.to_be_linked),
    }


def _pending(row: Row[Any]) -> PendingSignIn:
    return PendingSignIn(
        id=row.id,
        user_id=row.user_id,
        key_id=row.key_id,
        methods=tuple(row.methods),
        credential_mark=row.credential_mark,
        device_key_id=row.device_key_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        completed_at=row.completed_at,
        to_be_linked=_identity(row.to_be_linked),
    )


def _identity_row(identity: ForeignIdentity | None) -> dict[str, Any] | None:
    if identity is None:
        return None
    return {
        "provider": identity.provider.value,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "email": identity.email.display if identity.email else None,
        "email_key": identity.email.key if identity.email else None,
        "email_verified": identity.email_verified,
        "hosted_domain": identity.hosted_domain,
    }


def _identity(row: dict[str, Any] | None) -> ForeignIdentity | None:
    """Without the names, which only somebody new is given."""
    if row is None:
        return None
    has_email = row["email"] is not None
    return ForeignIdentity(
        provider=Provider(row["provider"]),
        issuer=row["issuer"],
        subject=row["subject"],
        email=EmailAddress(display=row["email"], key=row["email_key"]) if has_email else None,
        email_verified=row["email_verified"],
        hosted_domain=row["hosted_domain"],
    )
