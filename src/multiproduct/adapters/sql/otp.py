"""Challenges and guess budgets in tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.otp import challenges, guess_budgets
from multiproduct.adapters.sql.types import from_microseconds, to_microseconds
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.otp import Challenge, Channel, GuessBudget, Purpose
from multiproduct.domain.shared import Aggregate

_c = challenges.c
_is_live = (
    _c.used_at.is_(None)
    & _c.voided_at.is_(None)
    & (_c.attempts < _c.max_attempts)
    & (_c.expires_at > bindparam("at"))
)

_ADD = insert(challenges)
_FIND = select(challenges).where(_c.id == bindparam("of_id"))  # pk_challenges
_LIVE = (  # ix_challenges_unused, read backwards
    select(challenges)
    .where(_c.purpose == bindparam("of_purpose"), _c.subject == bindparam("of_subject"), _is_live)
    .order_by(_c.created_at.desc(), _c.id.desc())
    .limit(2)
)
_TAKE_ATTEMPT = (  # pk_challenges
    update(challenges)
    .where(_c.id == bindparam("of_id"), _c.purpose == bindparam("of_purpose"), _is_live)
    .values(attempts=_c.attempts + 1)
    .returning(challenges)
)
_CONSUME = (  # pk_challenges
    update(challenges)
    .where(_c.id == bindparam("of_id"), _c.used_at.is_(None), _c.expires_at == bindparam("expiring"))
    .values(used_at=bindparam("used"))
)
_VOID = update(challenges).where(_c.id == bindparam("of_id")).values(voided_at=bindparam("voided"))
_REVOKE = (  # ix_challenges_unused
    update(challenges)
    .where(
        _c.purpose == bindparam("of_purpose"),
        _c.subject == bindparam("of_subject"),
        _c.used_at.is_(None),
        _c.expires_at > bindparam("at"),
    )
    .values(voided_at=bindparam("at"), expires_at=bindparam("at"))
)
_RENEW = (  # pk_challenges
    update(challenges)
    .where(_c.id == bindparam("of_id"), _c.generation == bindparam("renewed") - 1, _is_live)
    .values(generation=bindparam("renewed"))
)
_PURGE = purge_of(challenges, _c.expires_at < bindparam("before"))  # ix_challenges_expires_at

_b = guess_budgets.c
# The update changes nothing: it is there to lock the row and to answer it.
_HOLD = in_each_dialect(  # pk_guess_budgets
    lambda inserting: (
        inserting(guess_budgets)
        .on_conflict_do_update(index_elements=[_b.key], set_={"key": inserting(guess_budgets).excluded.key})
        .returning(guess_budgets)
    )
)
_SAVE = (
    update(guess_budgets)
    .where(_b.key == bindparam("of_key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "failures",
                "resends",
                "mails",
                "voids",
                "last_voided_at",
                "last_sent_at",
                "touched_at",
            )
        }
    )
)
_PURGE_BUDGETS = purge_of(  # ix_guess_budgets_touched_at
    guess_budgets, or_(_b.touched_at < bindparam("before"), _b.touched_at.is_(None))
)


class SqlChallenges:
    """The `Challenges` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, challenge: Challenge) -> None:
        """Keeps a new challenge."""
        await self._lane.run(_ADD, _challenge_row(challenge))
        self._track(challenge)

    async def find(self, id: UUID) -> Challenge | None:
        """The challenge as it stands."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _challenge(row)

    async def live(self, purpose: Purpose, subject: str, *, now: datetime) -> Sequence[Challenge]:
        """The newest two live challenges of a purpose for an address key."""
        rows = await self._lane.run(_LIVE, {"of_purpose": purpose.value, "of_subject": subject, "at": now})
        return [_challenge(row) for row in rows]

    async def take_attempt(self, id: UUID, purpose: Purpose, *, now: datetime) -> Challenge | None:
        """Counts one attempt at a live challenge."""
        taken = await self._lane.run(_TAKE_ATTEMPT, {"of_id": id, "of_purpose": purpose.value, "at": now})
        row = taken.first()
        return None if row is None else _challenge(row)

    async def consume(self, challenge: Challenge) -> bool:
        """Writes `used_at` unless it is set or the expiry was moved."""
        written = await self._lane.run(
            _CONSUME,
            {"of_id": challenge.id, "used": challenge.used_at, "expiring": challenge.expires_at},
        )
        return self._is_first(challenge, written.rowcount)

    async def void(self, challenge: Challenge) -> None:
        """Writes `voided_at`, if the challenge does not live on."""
        if challenge.voided_at is not None:
            await self._lane.run(_VOID, {"of_id": challenge.id, "voided": challenge.voided_at})
        self._track(challenge)

    async def revoke(self, purpose: Purpose, subject: str, *, now: datetime) -> None:
        """Has every unused challenge of a purpose for an address key expire at the moment."""
        await self._lane.run(_REVOKE, {"of_purpose": purpose.value, "of_subject": subject, "at": now})

    async def renew(self, challenge: Challenge, *, now: datetime) -> bool:
        """Writes the new generation if the one before is stored."""
        written = await self._lane.run(
            _RENEW, {"of_id": challenge.id, "renewed": challenge.generation, "at": now}
        )
        return self._is_first(challenge, written.rowcount)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes challenges that expired before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)

    def _is_first(self, challenge: Challenge, written: int) -> bool:
        # What a rival was faster with did not happen here, so neither did its events.
        if written == 1:
            self._track(challenge)
        return written == 1


class SqlGuessBudgets:
    """The `GuessBudgets` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def hold(self, key: str) -> GuessBudget:
        """The budget, its row locked until the unit ends."""
        held = await self._lane.run(
            _HOLD[self._lane.dialect], {"key": key, "failures": [], "resends": [], "mails": {}, "voids": 0}
        )
        row = held.one()
        return GuessBudget(
            key=row.key,
            failures=tuple(map(from_microseconds, row.failures)),
            resends=tuple(map(from_microseconds, row.resends)),
            mails=_mails(row.mails),
            voids=row.voids,
            last_voided_at=row.last_voided_at,
            last_sent_at=row.last_sent_at,
        )

    async def save(self, budget: GuessBudget) -> None:
        """Writes a budget that is held."""
        await self._lane.run(
            _SAVE,
            {
                "of_key": budget.key,
                "new_failures": list(map(to_microseconds, budget.failures)),
                "new_resends": list(map(to_microseconds, budget.resends)),
                "new_mails": {
                    purpose.value: list(map(to_microseconds, moments))
                    for purpose, moments in budget.mails.items()
                },
                "new_voids": budget.voids,
                "new_last_voided_at": budget.last_voided_at,
                "new_last_sent_at": budget.last_sent_at,
                "new_touched_at": max(budget.moments, default=None),
            },
        )

    async def purge(self, *, idle_since: datetime, limit: int) -> int:
        """Removes budgets that nobody holds and nobody touched since the moment."""
        return await purge(self._lane, _PURGE_BUDGETS, before=idle_since, limit=limit)


def _mails(kept: dict[str, list[int]] | list[int]) -> dict[Purpose, tuple[datetime, ...]]:
    if isinstance(kept, list):
        # Written before mails were counted by purpose; such rows are purged within days.
        return {}
    return {Purpose(name): tuple(map(from_microseconds, moments)) for name, moments in kept.items()}


def _challenge_row(challenge: Challenge) -> dict[str, Any]:
    return {
        "id": challenge.id,
        "purpose": challenge.purpose.value,
        "channel": challenge.channel.value,
        "subject": challenge.subject,
        "address": challenge.address,
        "locale": challenge.locale,
        "key_id": challenge.key_id,
        "created_at": challenge.created_at,
        "expires_at": challenge.expires_at,
        "max_attempts": challenge.max_attempts,
        "generation": challenge.generation,
        "attempts": challenge.attempts,
        "used_at": challenge.used_at,
        "voided_at": challenge.voided_at,
    }


def _challenge(row: Row[Any]) -> Challenge:
    return Challenge(
        id=row.id,
        purpose=Purpose(row.purpose),
        channel=Channel(row.channel),
        subject=row.subject,
        address=row.address,
        locale=row.locale,
        key_id=row.key_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        max_attempts=row.max_attempts,
        generation=row.generation,
        attempts=row.attempts,
        used_at=row.used_at,
        voided_at=row.voided_at,
    )
