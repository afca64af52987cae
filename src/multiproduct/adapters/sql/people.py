"""Looking users up by what they have in common."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_

from multiproduct.adapters.sql.identity import SELECT_USERS, user_of
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.identity import users
from multiproduct.adapters.sql.tables.roles import role_assignments, roles
from multiproduct.application.identity.administration_ports import PeopleFilter, PersonPrefix
from multiproduct.domain.identity import User, UserStatus
from multiproduct.domain.identity.search_keys import after_prefix

_u, _r, _a = users.c, roles.c, role_assignments.c


class SqlPeople:
    """The `People` port.

    Pages follow ix_users_created_at_id, with a status ix_users_status_created_at_id. A prefix is found by
    uq_users_username_key, uq_users_email_key, uq_users_phone, ix_users_first_name_key and
    ix_users_last_name_key, whose columns compare by code points on both databases. A role's
    holders are found by ix_role_assignments_role_id.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def find(
        self,
        wanted: PeopleFilter,
        *,
        now: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[User]:
        """The newest first."""
        rows = await self._lane.run(people_statement(wanted, limit=limit, after=after), {"at": now})
        return [user_of(row) for row in rows]


def people_statement(
    wanted: PeopleFilter, *, limit: int, after: tuple[datetime, UUID] | None
) -> Select[tuple[object, ...]]:
    """The one statement of a page; `at` is left to be bound."""
    statement = (
        SELECT_USERS.where(*_conditions(wanted)).order_by(_u.created_at.desc(), _u.id.desc()).limit(limit)
    )
    if after is None:
        return statement
    # A row value, which both databases look up in the index.
    place = tuple_(
        bindparam("after_at", after[0], type_=_u.created_at.type),
        bindparam("after_id", after[1], type_=_u.id.type),
    )
    return statement.where(tuple_(_u.created_at, _u.id) < place)


def _conditions(wanted: PeopleFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.status is None:
        yield _u.status != UserStatus.DELETED.value
    else:
        yield _u.status == wanted.status.value
    if wanted.is_verified is not None:
        proved = or_(_u.email_verified, _u.phone_verified)
        yield proved if wanted.is_verified else ~proved
    if wanted.created_from is not None:
        yield _u.created_at >= wanted.created_from
    if wanted.created_before is not None:
        yield _u.created_at < wanted.created_before
    if wanted.prefix is not None:
        yield or_(*_prefixes(wanted.prefix))
    if wanted.role is not None:
        holders = select(_a.user_id).where(
            _a.role_id == select(_r.id).where(_r.key == wanted.role).scalar_subquery(),  # uq_roles_key
            or_(_a.expires_at.is_(None), _a.expires_at > bindparam("at")),
        )
        yield _u.id.in_(holders)


def _prefixes(prefix: PersonPrefix) -> Iterator[ColumnElement[bool]]:
    for column, begins in (
        (_u.username_key, prefix.username),
        (_u.email_key, prefix.email),
        (_u.phone, prefix.phone),
        (_u.first_name_key, prefix.name),
        (_u.last_name_key, prefix.name),
    ):
        if begins:
            yield and_(column >= begins, column < after_prefix(begins))
