"""Replays captured transactions by bare asyncpg: what the same SQL costs with no product around it.

`python -m benchmarks.replay`, with a pickled job on standard input: `url`, `connections`, `journeys`, the
captured transactions of each request, and `warming`, those that are run before the clock starts. Every
parameter is the captured one, so the database must be as it was before the capture.
"""

import asyncio
import pickle
import sys
import time
from collections import Counter, deque
from typing import Any

import asyncpg


async def replay(
    url: str, connections: int, journeys: list[list[dict[str, Any]]], warming: list[list[dict[str, Any]]]
) -> dict[str, Any]:
    """Seconds, processor seconds, statements and failures by kind."""
    opened = [await asyncpg.connect(url) for _ in range(connections)]
    waiting, failures = deque(warming[:1]), Counter[str]()
    try:
        # The first of all makes what the others share, and so goes alone.
        await take_turns(opened[0], waiting, failures)
        waiting.extend(warming[1:])
        await asyncio.gather(*(take_turns(connection, waiting, failures) for connection in opened))
        waiting.extend(journeys)
        busy, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(take_turns(connection, waiting, failures) for connection in opened))
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    finally:
        for connection in opened:
            await connection.close()
    statements = sum(len(transaction["statements"]) for one in journeys for transaction in one)
    return {"seconds": seconds, "cpu": cpu, "statements": statements, "failures": dict(failures)}


async def take_turns(
    connection: asyncpg.Connection, waiting: deque[list[dict[str, Any]]], failures: Counter[str]
) -> None:
    while waiting:
        for transaction in waiting.popleft():
            try:
                await run(connection, transaction)
            except asyncpg.PostgresError as error:
                failures[type(error).__name__] += 1


async def run(connection: asyncpg.Connection, transaction: dict[str, Any]) -> None:
    if transaction["autocommit"]:
        await execute(connection, transaction["statements"])
        return
    under_way = connection.transaction()
    await under_way.start()
    try:
        await execute(connection, transaction["statements"])
    except BaseException:
        await under_way.rollback()
        raise
    await (under_way.commit() if transaction["committed"] else under_way.rollback())


async def execute(connection: asyncpg.Connection, statements: list[tuple[str, Any, bool]]) -> None:
    for sql, parameters, many in statements:
        if many:
            await connection.executemany(sql, parameters)
        else:
            await connection.fetch(sql, *parameters)


def main() -> None:
    job = pickle.load(sys.stdin.buffer)
    done = asyncio.run(replay(job["url"], job["connections"], job["journeys"], job.get("warming", [])))
    pickle.dump(done, sys.stdout.buffer)


if __name__ == "__main__":
    main()
