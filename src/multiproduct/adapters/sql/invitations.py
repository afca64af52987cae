"""Invitations in a table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, tuple_, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.administration import invitations
from multiproduct.domain.identity import EmailAddress, Invitation
from multiproduct.domain.shared import Aggregate, StaleAggregate

_i = invitations.c
_KEPT_FOR_GOOD = frozenset({"id", "email", "email_key", "invited_by", "created_at"})
_is_unanswered = _i.accepted_at.is_(None) & _i.revoked_at.is_(None)

_ADD = insert(invitations)
_FIND = select(invitations).where(_i.id == bindparam("of_id"))  # pk_invitations
_SAVE = (  # pk_invitations
    update(invitations)
    .where(_i.id == bindparam("of_id"), _i.version == bindparam("of_version"))
    .values(
        {column.name: bindparam(f"new_{column.name}") for column in _i if column.name not in _KEPT_FOR_GOOD}
    )
)
_ACCEPT = (  # pk_invitations
    update(invitations)
    .where(
        _i.id == bindparam("of_id"),
        _i.generation == bindparam("of_generation"),
        _is_unanswered,
        _i.expires_at > bindparam("at"),
    )
    .values(accepted_at=bindparam("at"), user_id=bindparam("new_user"), version=_i.version + 1)
)
_SUPERSEDE = (  # ix_invitations_email_key
    update(invitations)
    .where(
        _i.email_key == bindparam("of_email"), _is_unanswered, _i.id.is_distinct_from(bindparam("besides"))
    )
    .values(revoked_at=bindparam("at"), version=_i.version + 1)
)
_OPEN_OF = select(invitations).where(  # ix_invitations_email_key
    _i.email_key == bindparam("of_email"), _is_unanswered, _i.expires_at > bindparam("at")
)
_NEWEST = (  # ix_invitations_created_at_id
    select(invitations).order_by(_i.created_at.desc(), _i.id.desc()).limit(bindparam("most"))
)
_OLDER = _NEWEST.where(
    tuple_(_i.created_at, _i.id)
    < tuple_(
        bindparam("after_at", type_=_i.created_at.type),
        bindparam("after_id", type_=_i.id.type),
    )
)
_PURGE = purge_of(invitations, _i.expires_at < bindparam("before"))  # ix_invitations_expires_at


class SqlInvitations:
    """The `Invitations` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, invitation: Invitation) -> None:
        """Keeps a new one."""
        await self._lane.run(_ADD, _row(invitation))
        self._track(invitation)

    async def find(self, id: UUID) -> Invitation | None:
        """By id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _invitation(row)

    async def save(self, invitation: Invitation) -> None:
        """Writes one, unless it is stale."""
        values = {
            f"new_{name}": value for name, value in _row(invitation).items() if name not in _KEPT_FOR_GOOD
        }
        values["new_version"] = invitation.version + 1
        saved = await self._lane.run(
            _SAVE, {"of_id": invitation.id, "of_version": invitation.version, **values}
        )
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(invitation.id))
        invitation.version += 1
        self._track(invitation)

    async def accept(self, invitation: Invitation, *, now: datetime) -> bool:
        """Writes that it was accepted, if it is open."""
        accepted = await self._lane.run(
            _ACCEPT,
            {
                "of_id": invitation.id,
                "of_generation": invitation.generation,
                "at": now,
                "new_user": invitation.user_id,
            },
        )
        if accepted.rowcount != 1:
            return False
        invitation.version += 1
        self._track(invitation)
        return True

    async def supersede(self, email_key: str, *, now: datetime, besides: UUID | None = None) -> int:
        """Revokes the open ones of an address, one excepted."""
        revoked = await self._lane.run(_SUPERSEDE, {"of_email": email_key, "besides": besides, "at": now})
        return revoked.rowcount

    async def open_of(self, email_key: str, *, now: datetime) -> Sequence[Invitation]:
        """Those of an address that are open."""
        return [
            _invitation(row) for row in await self._lane.run(_OPEN_OF, {"of_email": email_key, "at": now})
        ]

    async def newest(self, *, limit: int, after: tuple[datetime, UUID] | None = None) -> Sequence[Invitation]:
        """The newest first."""
        if after is None:
            rows = await self._lane.run(_NEWEST, {"most": limit})
        else:
            rows = await self._lane.run(_OLDER, {"most": limit, "after_at": after[0], "after_id": after[1]})
        return [_invitation(row) for row in rows]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _row(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "version": invitation.version,
        "email": invitation.email.display,
        "email_key": invitation.email.key,
        "first_name": invitation.first_name,
        "last_name": invitation.last_name,
        "locale": invitation.locale,
        "roles": sorted(invitation.roles),
        "invited_by": invitation.invited_by,
        "user_id": invitation.user_id,
        "key_id": invitation.key_id,
        "generation": invitation.generation,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "accepted_at": invitation.accepted_at,
        "revoked_at": invitation.revoked_at,
    }


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        version=row.version,
        email=EmailAddress(display=row.email, key=row.email_key),
        first_name=row.first_name,
        last_name=row.last_name,
        locale=row.locale,
        roles=frozenset(row.roles),
        invited_by=row.invited_by,
        user_id=row.user_id,
        key_id=row.key_id,
        generation=row.generation,
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
        revoked_at=row.revoked_at,
    )
