"""Linked accounts, sign-ins under way at a provider, and nonces in tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.social import (
    social_accounts,
    social_nonces,
    social_states,
    social_unlinks,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import Provider, SocialAccount, SocialReturn, SocialState
from multiproduct.domain.shared import Aggregate

_a = social_accounts.c
_s = social_states.c
_n = social_nonces.c
_u = social_unlinks.c

_ADD = in_each_dialect(lambda inserting: inserting(social_accounts).on_conflict_do_nothing())
_FIND = select(social_accounts).where(_a.id == bindparam("of_id"))  # pk_social_accounts
_FIND_BY_SUBJECT = select(social_accounts).where(  # uq_social_accounts_issuer_subject
    _a.issuer == bindparam("of_issuer"), _a.subject == bindparam("of_subject")
)
_OF_USER = (  # ix_social_accounts_user_id
    select(social_accounts)
    .where(_a.user_id == bindparam("of_user"))
    .order_by(_a.linked_at, _a.id)
    .limit(bindparam("most"))
)
_USED = (  # pk_social_accounts
    update(social_accounts)
    .where(_a.id == bindparam("of_id"))
    .values(last_used_at=bindparam("at"), mail_arrives=bindparam("arrives"))
)
_REMOVE = delete(social_accounts).where(_a.id == bindparam("of_id"))  # pk_social_accounts
_IS_UNLINK = (  # pk_social_unlinks
    _u.issuer == bindparam("of_issuer"),
    _u.subject == bindparam("of_subject"),
    _u.user_id == bindparam("of_user"),
)
_NOTE_UNLINKED = in_each_dialect(lambda inserting: inserting(social_unlinks).on_conflict_do_nothing())
_WAS_UNLINKED = select(_u.user_id).where(*_IS_UNLINK)
_FORGET_UNLINKED = delete(social_unlinks).where(*_IS_UNLINK)
_ADD_STATE = insert(social_states)
_TAKE_STATE = (  # pk_social_states
    delete(social_states)
    .where(
        _s.state_hash == bindparam("of_state"),
        _s.provider == bindparam("of_provider"),
        _s.browser_hash == bindparam("of_browser"),
        _s.user_id.is_not_distinct_from(bindparam("of_user")),
        _s.expires_at > bindparam("at"),
    )
    .returning(*_s)
)
_PURGE_STATES = purge_of(social_states, _s.expires_at < bindparam("before"))  # ix_social_states_expires_at
_ADD_NONCE = insert(social_nonces)
_TAKE_NONCE = delete(social_nonces).where(  # pk_social_nonces
    _n.nonce_hash == bindparam("of_nonce"), _n.expires_at > bindparam("at")
)
_SPEND = in_each_dialect(lambda inserting: inserting(social_nonces).on_conflict_do_nothing())
_PURGE_NONCES = purge_of(social_nonces, _n.expires_at < bindparam("before"))  # ix_social_nonces_expires_at
_MOST_LISTED = 100


class SqlSocialAccounts:
    """The `SocialAccounts` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, account: SocialAccount) -> bool:
        """Keeps a new one, unless issuer and subject are linked."""
        added = await self._lane.run(_ADD[self._lane.dialect], _account_row(account))
        if added.rowcount != 1:
            return False
        self._track(account)
        return True

    async def find(self, id: UUID) -> SocialAccount | None:
        """By its id."""
        return _first(await self._rows(_FIND, of_id=id))

    async def find_by_subject(self, issuer: str, subject: str) -> SocialAccount | None:
        """By what the provider knows it as."""
        return _first(await self._rows(_FIND_BY_SUBJECT, of_issuer=issuer, of_subject=subject))

    async def of_user(self, user_id: UUID) -> Sequence[SocialAccount]:
        """All of a user, at most 100."""
        return [_account(row) for row in await self._rows(_OF_USER, of_user=user_id, most=_MOST_LISTED)]

    async def used(self, account: SocialAccount) -> None:
        """Writes what use changes."""
        await self._lane.run(
            _USED, {"of_id": account.id, "at": account.last_used_at, "arrives": account.mail_arrives}
        )
        self._track(account)

    async def remove(self, account: SocialAccount) -> bool:
        """Removes it; false when it was gone."""
        if (await self._lane.run(_REMOVE, {"of_id": account.id})).rowcount != 1:
            return False
        self._track(account)
        return True

    async def note_unlinked(self, account: SocialAccount, *, now: datetime) -> None:
        """Remembers that its user took it away."""
        row = {
            "issuer": account.issuer,
            "subject": account.subject,
            "user_id": account.user_id,
            "unlinked_at": now,
        }
        await self._lane.run(_NOTE_UNLINKED[self._lane.dialect], row)

    async def was_unlinked(self, issuer: str, subject: str, *, user_id: UUID) -> bool:
        """Whether that user took it away."""
        found = await self._rows(_WAS_UNLINKED, of_issuer=issuer, of_subject=subject, of_user=user_id)
        return len(found) > 0

    async def forget_unlinked(self, account: SocialAccount) -> None:
        """Forgets that its user ever took it away."""
        await self._lane.run(
            _FORGET_UNLINKED,
            {"of_issuer": account.issuer, "of_subject": account.subject, "of_user": account.user_id},
        )

    async def _rows(self, statement: Any, **values: Any) -> Sequence[Row[Any]]:
        return (await self._lane.run(statement, values)).all()


class SqlSocialStates:
    """The `SocialStates` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, state: SocialState) -> None:
        """Keeps a new one."""
        await self._lane.run(
            _ADD_STATE,
            {
                "state_hash": state.state_hash,
                "provider": state.provider.value,
                "browser_hash": state.browser_hash,
                "user_id": state.user_id,
                "nonce_hash": state.nonce_hash,
                "verifier": state.verifier,
                "redirect_uri": state.redirect_uri,
                "expires_at": state.expires_at,
            },
        )

    async def take(self, answer: SocialReturn, *, now: datetime) -> SocialState | None:
        """Removes and answers the state, in one statement."""
        taken = await self._lane.run(
            _TAKE_STATE,
            {
                "of_state": answer.state_hash,
                "of_provider": answer.provider.value,
                "of_browser": answer.browser_hash,
                "of_user": answer.user_id,
                "at": now,
            },
        )
        row = taken.first()
        return None if row is None else _state(row)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE_STATES, before=before, limit=limit)


class SqlSocialNonces:
    """The `SocialNonces` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, nonce_hash: str, *, expires_at: datetime) -> None:
        """Keeps a new one."""
        await self._lane.run(_ADD_NONCE, {"nonce_hash": nonce_hash, "expires_at": expires_at})

    async def take(self, nonce_hash: str, *, now: datetime) -> bool:
        """Removes one that is not over, in one statement."""
        return (await self._lane.run(_TAKE_NONCE, {"of_nonce": nonce_hash, "at": now})).rowcount == 1

    async def spend(self, token_hash: str, *, expires_at: datetime) -> bool:
        """Keeps the hash of what is used by this; false when it is kept already."""
        row = {"nonce_hash": token_hash, "expires_at": expires_at}
        return (await self._lane.run(_SPEND[self._lane.dialect], row)).rowcount == 1

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE_NONCES, before=before, limit=limit)


def _account_row(account: SocialAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "user_id": account.user_id,
        "provider": account.provider.value,
        "issuer": account.issuer,
        "subject": account.subject,
        "email": account.email,
        "mail_arrives": account.mail_arrives,
        "linked_at": account.linked_at,
        "last_used_at": account.last_used_at,
    }


def _first(rows: Sequence[Row[Any]]) -> SocialAccount | None:
    return _account(rows[0]) if rows else None


def _account(row: Row[Any]) -> SocialAccount:
    return SocialAccount(
        id=row.id,
        user_id=row.user_id,
        provider=Provider(row.provider),
        issuer=row.issuer,
        subject=row.subject,
        email=row.email,
        mail_arrives=row.mail_arrives,
        linked_at=row.linked_at,
        last_used_at=row.last_used_at,
    )


def _state(row: Row[Any]) -> SocialState:
    return SocialState(
        state_hash=row.state_hash,
        provider=Provider(row.provider),
        browser_hash=row.browser_hash,
        user_id=row.user_id,
        nonce_hash=row.nonce_hash,
        verifier=row.verifier,
        redirect_uri=row.redirect_uri,
        expires_at=row.expires_at,
    )
