"""Tells people of events in a process of its own, to a mailer that takes everything.

With the product's settings in the environment: `python -m benchmarks.telling happen NUMBER FILE` makes
events, leases what is owed to them and writes the leases down; `tell FILE FROM WARMED TO` runs the reactions
of those, and prints JSON; `capture FILE FROM TO OUT` runs them one after the other and writes down their SQL.
"""

import asyncio
import json
import pickle
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.capture import Transaction, record_statements, recording
from multiproduct.adapters.contracts.builders import a_user
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.mailer import Mail
from multiproduct.application.ports.todos import Todo
from multiproduct.bootstrap import Container, Overrides, Role, build
from multiproduct.domain.identity import DocumentReviewed
from multiproduct.settings import Settings

PEOPLE = 200
AT_ONCE = 16
TOLD = "notifications.tell_of_document"
_CHUNK = 500
_LEASE = timedelta(hours=2)


class TakesEverything:
    """A mailer that counts."""

    def __init__(self) -> None:
        self.taken = 0

    async def send(self, mail: Mail) -> None:
        del mail
        self.taken += 1


def container_of(mailer: TakesEverything) -> Container:
    return build(Settings(), overrides=Overrides(mailer=mailer), role=Role.TOOL)


async def happen(number: int) -> list[Todo]:
    """So many documents are reviewed, of so many people in turn; the reactions that tell of them, leased."""
    container, now = container_of(TakesEverything()), datetime.now(UTC)
    try:
        people = [replace(a_user(now=now), locale="en") for _ in range(PEOPLE)]
        for user in people:
            async with container.units.open(SYSTEM) as unit:
                await unit.users.add(user)
                await unit.commit()
        for begin in range(0, number, _CHUNK):
            async with container.units.open(SYSTEM) as unit:
                for each in range(begin, min(begin + _CHUNK, number)):
                    user_id = people[each % PEOPLE].id
                    unit.record(_reviewed(each, user_id, now))
                await unit.commit()
        at = container.real_time.now() + timedelta(seconds=1)
        owed = await container.todo_queue.lease(now=at, until=at + _LEASE, limit=number * 4)
        return [todo for todo in owed if todo.key.reaction == TOLD]
    finally:
        await container.stop()


def _reviewed(number: int, user_id: UUID, now: datetime) -> DocumentReviewed:
    return DocumentReviewed(
        occurred_at=now, document_id=UUID(int=number), user_id=user_id, outcome="approved"
    )


async def tell(todos: list[Todo], warmed: int) -> dict[str, Any]:
    """Seconds and processor seconds of all but the first ones."""
    mailer = TakesEverything()
    container = container_of(mailer)
    try:
        await _run(container, todos[:warmed])
        began, busy = time.perf_counter(), time.process_time()
        await _run(container, todos[warmed:])
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    finally:
        await container.stop()
    if mailer.taken != len(todos):
        raise RuntimeError(f"{mailer.taken} mails of {len(todos)} were handed over")
    return {"told": len(todos) - warmed, "seconds": seconds, "cpu": cpu}


async def _run(container: Container, todos: list[Todo]) -> None:
    left = iter(todos)

    async def one_by_one() -> None:
        for todo in left:
            if not await container.dispatching.run(todo):
                raise RuntimeError(f"the reaction to event {todo.key.position} failed")

    await asyncio.gather(*(one_by_one() for _ in range(AT_ONCE)))


async def capture(todos: list[Todo]) -> list[list[Transaction]]:
    """The transactions of each, one after the other."""
    record_statements()
    captured = []
    container = container_of(TakesEverything())
    try:
        for todo in todos:
            transactions: list[Transaction] = []
            recording.set(transactions)
            await container.dispatching.run(todo)
            captured.append(transactions)
    finally:
        await container.stop()
    return captured


def main() -> None:
    what, *given = sys.argv[1:]
    if what == "happen":
        number, file = given
        Path(file).write_bytes(pickle.dumps(asyncio.run(happen(int(number)))))
        return
    file, begin, *more = given
    todos: list[Todo] = pickle.loads(Path(file).read_bytes())[int(begin) :]
    if what == "tell":
        warmed, last = (int(each) - int(begin) for each in more)
        sys.stdout.write(json.dumps(asyncio.run(tell(todos[:last], warmed))) + "\n")
        return
    end, out = more
    captured = asyncio.run(capture(todos[: int(end) - int(begin)]))
    plain = [[vars(transaction) for transaction in one] for one in captured]
    Path(out).write_bytes(pickle.dumps(plain))


if __name__ == "__main__":
    main()
