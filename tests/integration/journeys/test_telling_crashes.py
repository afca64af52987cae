"""Workers die at any moment and triggers come twice: nobody is told twice over a channel, and whatever was
not said has a reason."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.campaigns import proof_scale
from tests.servers import fresh_database

from multiproduct.adapters.contracts.builders import a_user
from multiproduct.adapters.sql import migrate_blocking
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.deliveries import DeliveryStatus
from multiproduct.bootstrap import Container, Role, build
from multiproduct.domain.identity import DocumentReviewed
from multiproduct.domain.payments import PaymentMethodStored
from multiproduct.settings import Settings

SEED = 20261121
EVENTS = proof_scale(160, 100_000)
PEOPLE = proof_scale(8, 200)
WORKERS = 2
KILLS = proof_scale(6, 400)
PATIENCE_SECONDS = proof_scale(150, 10_800)
ROUTES = {
    "identity.security": ("in_app", "email", "push"),
    "identity.document": ("in_app", "email", "sms", "push"),
}
AGAIN = 200
"""So many events are triggered again at every kill, wherever they are."""
CHUNK = 500
AT_ONCE = 16
"""What one worker has under way at most."""
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def settings_of(url: str) -> dict[str, str]:
    return {
        "MULTIPRODUCT_DATABASE_URL": url,
        "MULTIPRODUCT_SMTP_URL": "smtp://127.0.0.1:1",
        "MULTIPRODUCT_TODO_LEASE_SECONDS": "5",
        "MULTIPRODUCT_DATABASE_POOL_SIZE": "4",
        "MULTIPRODUCT_ATTACH_INVOICES": "false",
    }


class Workers:
    """Processes that tell people, killed and begun anew."""

    def __init__(self, url: str, outbox: Path) -> None:
        self._environment = {**os.environ, **settings_of(url), "OUTBOX": str(outbox)}
        self.running: list[subprocess.Popen[bytes]] = []

    def begin(self) -> None:
        self.running.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.integration.journeys.telling"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment,
            )
        )

    def kill_one(self, chance: random.Random) -> None:
        victim = self.running.pop(chance.randrange(len(self.running)))
        _kill(victim)
        self.begin()

    def end(self) -> None:
        for each in self.running:
            _kill(each)


def _kill(process: subprocess.Popen[bytes]) -> None:
    assert process.poll() is None, "it ended by itself"
    process.kill()
    process.wait(30)
    assert process.stdin is not None
    process.stdin.close()


@contextmanager
def working(url: str, outbox: Path) -> Iterator[Workers]:
    workers = Workers(url, outbox)
    try:
        for _ in range(WORKERS):
            workers.begin()
        yield workers
    finally:
        workers.end()


async def _people(container: Container) -> list[UUID]:
    people = [replace(a_user(now=NOW), locale="en") for _ in range(PEOPLE)]
    for user in people:
        async with container.units.open(SYSTEM) as unit:
            await unit.users.add(user)
            await unit.commit()
    return [user.id for user in people]


def _event(number: int, user_id: UUID) -> DocumentReviewed | PaymentMethodStored:
    if number % 2:
        return PaymentMethodStored(
            occurred_at=NOW, method_id=UUID(int=number), owner_id=user_id, gateway="sandbox"
        )
    return DocumentReviewed(
        occurred_at=NOW, document_id=UUID(int=number), user_id=user_id, outcome="approved"
    )


async def _happen(container: Container, people: list[UUID]) -> None:
    for begin in range(0, EVENTS, CHUNK):
        async with container.units.open(SYSTEM) as unit:
            for number in range(begin, min(begin + CHUNK, EVENTS)):
                unit.record(_event(number, people[number % len(people)]))
            await unit.commit()


async def _trigger_again(connection: Any, owed: list[Any], chance: random.Random) -> None:
    """Some reactions are owed once more, whether they have run or not."""
    again = chance.sample(owed, min(AGAIN, max(1, len(owed) // 4)))
    names = {
        DocumentReviewed.NAME: "notifications.tell_of_document",
        PaymentMethodStored.NAME: "notifications.tell_of_method",
    }
    await connection.executemany(
        "INSERT INTO todos (position, reaction, attempts, due_at) VALUES ($1, $2, 0, now())"
        " ON CONFLICT DO NOTHING",
        [(row["position"], names[row["name"]]) for row in again if row["name"] in names],
    )


async def _campaign(url: str, outbox: Path) -> None:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    chance = random.Random(SEED)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        owed = await connection.fetch("SELECT position, name FROM events")
        with working(url, outbox) as workers:
            for kill in range(KILLS):
                # All along the way, and each time while somebody is at it.
                await _until_sent(outbox, 1 + kill * EVENTS // KILLS, deadline)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                await _trigger_again(connection, owed, chance)
                workers.kill_one(chance)
            while await connection.fetchval("SELECT count(*) FROM todos"):
                assert time.monotonic() < deadline, await connection.fetch("SELECT * FROM todos LIMIT 3")
                await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _until_sent(outbox: Path, count: int, deadline: float) -> None:
    while not outbox.exists() or outbox.read_bytes().count(b"\n") < count:
        assert time.monotonic() < deadline, "the workers do nothing"
        await asyncio.sleep(0.1)


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


async def test_nobody_is_told_twice_none_is_lost_and_every_skip_has_its_reason(
    postgres_url: str, outbox: Path
) -> None:
    async with fresh_database(postgres_url) as url:
        await asyncio.to_thread(migrate_blocking, url)
        settings = Settings(database_url=url, smtp_url="smtp://127.0.0.1:1", attach_invoices=False)
        container = build(settings, role=Role.TOOL)
        try:
            await _happen(container, await _people(container))
            await _campaign(url, outbox)
        finally:
            await container.stop()
        connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
        try:
            rows = await connection.fetch("SELECT * FROM deliveries")
            entries = await connection.fetch("SELECT user_id, event_position, type_key FROM inbox_entries")
        finally:
            await connection.close()
    mails = Counter(outbox.read_text().split())
    assert [mail for mail, count in mails.items() if count > 1] == []
    _check_log(rows, set(mails))
    in_app = [row for row in rows if row["channel"] == "in_app"]
    assert Counter((row["user_id"], row["event_position"]) for row in in_app) == Counter(
        (row["user_id"], row["event_position"]) for row in entries
    )


def _check_log(rows: list[Any], mails: set[str]) -> None:
    by_event: dict[int, list[Any]] = {}
    for row in rows:
        by_event.setdefault(row["event_position"], []).append(row)
    assert len(by_event) == EVENTS
    for told in by_event.values():
        assert sorted(row["channel"] for row in told) == sorted(ROUTES[told[0]["type_key"]])
    for row in rows:
        status = DeliveryStatus(row["status"])
        assert status.is_settled, dict(row)
        assert row["reason"], dict(row)
        assert row["layer"], dict(row)
        if row["channel"] != "email":
            assert status in (DeliveryStatus.SENT, DeliveryStatus.SKIPPED)
            continue
        went_out = f"{row['type_key']}.{row['event_position']}.email.{row['user_id'].hex}" in mails
        assert (status, went_out) != (DeliveryStatus.SENT, False), "noted as sent, and was not"
        assert status is DeliveryStatus.UNCERTAIN or went_out, dict(row)
    uncertain = [row for row in rows if row["status"] == "uncertain"]
    assert len(uncertain) <= (KILLS + WORKERS) * AT_ONCE, "no more than were under way when a worker died"
