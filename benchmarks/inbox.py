"""Entries put into inboxes a second, with an exact unread count, by concurrent writers on PostgreSQL: against
the same statements by bare asyncpg, over many inboxes and into one."""

import asyncio
import itertools
import json
import random
import time
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

import asyncpg

from benchmarks.bench import Bench
from benchmarks.figures import Report, rate
from multiproduct import Multiproduct
from multiproduct.adapters.contracts.builders import a_user
from multiproduct.application.caller import SYSTEM
from multiproduct.application.units import in_unit
from multiproduct.domain.notifications.inbox import NewInboxEntry
from multiproduct.domain.shared import uuid7_from
from multiproduct.settings import Settings

PEOPLE = 200
WRITERS = 16
ROUNDS = 5
_COUNT_UP = """
INSERT INTO inbox_counters (user_id, unread, version)
SELECT id, 1, 1 FROM users WHERE id = $1 AND status <> 'deleted' FOR SHARE
ON CONFLICT (user_id) DO UPDATE
SET unread = inbox_counters.unread + 1, version = inbox_counters.version + 1
RETURNING unread, version
"""
_ADD = """
INSERT INTO inbox_entries (id, user_id, event_position, type_key, category, title, body, data, locale,
created_at, sequence, changed) VALUES ($1, $2, $3, 'billing.invoice_paid', 'billing', 'Your invoice is paid',
'Thank you.', $4::jsonb, 'en', $5, $6, $6) ON CONFLICT (user_id, event_position, type_key) DO NOTHING
"""
_DATA = json.dumps({"invoice": "INV-2026-000017"})


def run(bench: Bench) -> Report:
    report = Report(
        name="inbox",
        title=f"median of {ROUNDS} rounds in turns, {WRITERS} writers, one process, PostgreSQL",
    )
    url = bench.backing.new_database("bench_inbox")
    asyncio.run(_measure(report, bench, url, bench.number(2_000, 300)))
    return report


async def _measure(report: Report, bench: Bench, url: str, count: int) -> None:
    settings = Settings(
        _env_file=None,
        database_url=url,
        redis_url=None,
        broker_url=None,
        database_pool_size=WRITERS,
        inline_worker=False,
    )
    house = Multiproduct.from_settings(settings)
    await house.migrate()
    pool = await asyncpg.create_pool(url, min_size=WRITERS, max_size=WRITERS)
    positions = itertools.count(1)
    async with house, pool:
        people = [await _somebody(house) for _ in range(PEOPLE)]
        for label, chosen in ((f"{PEOPLE} inboxes", people), ("one inbox", people[:1])):
            bench.say(label)
            ours, bare = [], []
            for turn in range(ROUNDS + 1):
                mine = await _timed(lambda whom: _put(house, whom, next(positions)), chosen, count)
                theirs = await _timed(lambda whom: _put_bare(pool, whom, next(positions)), chosen, count)
                if turn:
                    ours.append(mine)
                    bare.append(theirs)
            ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
            report.row(
                f"entries put, {label}",
                f"{rate(median(ours))}, bare asyncpg {rate(median(bare))}",
                ratio=median(ratios),
            )
        drifted = await _drifted(pool)
    report.row("inboxes whose count is not what a recount finds", str(drifted))


async def _timed(work, people: list[UUID], count: int) -> float:  # type: ignore[no-untyped-def] # a function of one id
    """So many times by all writers together; answers how many a second."""
    chance, left = random.Random(1), iter(range(count))

    async def writer() -> None:
        for _ in left:
            await work(chance.choice(people))

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return count / (time.perf_counter() - began)


async def _put(house: Multiproduct, user_id: UUID, position: int) -> None:
    new = NewInboxEntry(
        user_id=user_id,
        event_position=position,
        type_key="billing.invoice_paid",
        category="billing",
        title="Your invoice is paid",
        body="Thank you.",
        data={"invoice": "INV-2026-000017"},
        locale="en",
        created_at=datetime.now(UTC),
    )

    async def body(unit) -> None:  # type: ignore[no-untyped-def] # the unit of a whole store
        await house.container.inbox.entries.put(unit, new)
        await unit.commit()

    await in_unit(lambda: house.container.units.open(SYSTEM), body)


async def _put_bare(pool: asyncpg.Pool, user_id: UUID, position: int) -> None:
    id_ = uuid7_from(milliseconds=time.time_ns() // 1_000_000, randomness=random.randbytes(10))
    async with pool.acquire() as connection, connection.transaction():
        counter = await connection.fetchrow(_COUNT_UP, user_id)
        await connection.execute(_ADD, id_, user_id, position, _DATA, datetime.now(UTC), counter["version"])


async def _somebody(house: Multiproduct) -> UUID:
    user = a_user()
    async with house.container.units.open(SYSTEM) as unit:
        await unit.users.add(user)
        await unit.commit()
    return user.id


async def _drifted(pool: asyncpg.Pool) -> int:
    return int(
        await pool.fetchval(
            "SELECT count(*) FROM inbox_counters c WHERE unread <> (SELECT count(*) FROM inbox_entries e "
            "WHERE e.user_id = c.user_id AND e.read_at IS NULL)"
        )
    )
