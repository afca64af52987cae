"""Challenges that keys answer, in a table."""

from datetime import datetime

from sqlalchemy import bindparam, insert, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.credentials import ceremony_challenges
from multiproduct.domain.identity import CeremonyAnswer, CeremonyChallenge, CeremonyPurpose

_c = ceremony_challenges.c

_ADD = insert(ceremony_challenges)
_CONSUME = (  # pk_ceremony_challenges
    update(ceremony_challenges)
    .where(
        _c.id == bindparam("of_id"),
        _c.purpose == bindparam("of_purpose"),
        _c.audience == bindparam("of_audience"),
        _c.user_id.is_not_distinct_from(bindparam("of_user")),
        _c.key_id.is_not_distinct_from(bindparam("of_key")),
        _c.used_at.is_(None),
        _c.expires_at > bindparam("at"),
    )
    .values(used_at=bindparam("at"))
    .returning(ceremony_challenges)
)
_PURGE = purge_of(  # ix_ceremony_challenges_expires_at
    ceremony_challenges, _c.expires_at < bindparam("before")
)


class SqlCeremonyChallenges:
    """The `CeremonyChallenges` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, challenge: CeremonyChallenge) -> None:
        """Keeps a new challenge."""
        await self._lane.run(
            _ADD,
            {
                "id": challenge.id,
                "purpose": challenge.purpose.value,
                "audience": challenge.audience,
                "challenge": challenge.challenge,
                "user_id": challenge.user_id,
                "key_id": challenge.key_id,
                "created_at": challenge.created_at,
                "expires_at": challenge.expires_at,
                "used_at": challenge.used_at,
            },
        )

    async def consume(self, answer: CeremonyAnswer, *, now: datetime) -> CeremonyChallenge | None:
        """Writes `used_at` if everything is as the answer needs it."""
        used = await self._lane.run(
            _CONSUME,
            {
                "of_id": answer.id,
                "of_purpose": answer.purpose.value,
                "of_audience": answer.audience,
                "of_user": answer.user_id,
                "of_key": answer.key_id,
                "at": now,
            },
        )
        row = used.first()
        if row is None:
            return None
        return CeremonyChallenge(
            id=row.id,
            purpose=CeremonyPurpose(row.purpose),
            audience=row.audience,
            challenge=row.challenge,
            user_id=row.user_id,
            key_id=row.key_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)
