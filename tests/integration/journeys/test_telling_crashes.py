"""Workers die at any moment and triggers come twice: nobody is told twice over a channel, and whatever was
not said has a reason."""

import asyncio
import base64
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
from cryptography.hazmat.primitives.asymmetric import ec
from tests.campaigns import proof_scale
from tests.servers import fresh_database
from tests.servers.push_providers import Browser, pem_of

from multiproduct.adapters.contracts.builders import a_phone, a_user
from multiproduct.adapters.sql import migrate_blocking
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.notifications.deliveries import DeliveryStatus
from multiproduct.application.notifications.push_commands import RegisterPushDevice, WebPushKeys
from multiproduct.bootstrap import Container, Role, build
from multiproduct.domain.identity import DocumentReviewed
from multiproduct.domain.notifications.preference import Channel, Target
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
DEVICES = 2
"""Of each person: a push that was cut off between them must not be sent to either again."""
VAPID_KEY = pem_of(ec.generate_private_key(ec.SECP256R1()))


def settings_of(url: str) -> dict[str, str]:
    return {
        "MULTIPRODUCT_DATABASE_URL": url,
        "MULTIPRODUCT_SMTP_URL": "smtp://127.0.0.1:1",
        "MULTIPRODUCT_TODO_LEASE_SECONDS": "5",
        "MULTIPRODUCT_DATABASE_POOL_SIZE": "4",
        "MULTIPRODUCT_ATTACH_INVOICES": "false",
        "MULTIPRODUCT_PUSH_VAPID_KEY": VAPID_KEY,
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
    """With a telephone that takes texts, as they wish."""
    people = [replace(a_user(phone=a_phone(), now=NOW), locale="en") for _ in range(PEOPLE)]
    for user in people:
        async with container.units.open(SYSTEM) as unit:
            await unit.users.add(user)
            await unit.notification_preferences.put(user.id, Target(channel=Channel.SMS), is_on=True, now=NOW)
            await unit.commit()
    return [user.id for user in people]


async def _browsers(container: Container, people: list[UUID]) -> dict[str, Browser]:
    """The subscriptions of everybody, by their addresses."""
    browsers: dict[str, Browser] = {}
    for user_id in people:
        caller = Caller(principal=Principal(user_id=user_id))
        for number in range(DEVICES):
            browser = Browser(f"https://push.example.com/{user_id.hex}/{number}")
            await container.push.devices.register(
                RegisterPushDevice(kind="web", token=browser.endpoint, keys=WebPushKeys(**browser.keys)),
                caller,
            )
            browsers[browser.endpoint] = browser
    return browsers


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
        settings = Settings(
            database_url=url,
            smtp_url="smtp://127.0.0.1:1",
            attach_invoices=False,
            push_vapid_key=VAPID_KEY,
        )
        container = build(settings, role=Role.TOOL)
        connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
        try:
            people = await _people(container)
            browsers = await _browsers(container, people)
            await connection.execute("DELETE FROM todos")  # nobody is told of these devices
            await _happen(container, people)
            await _campaign(url, outbox)
            rows = await connection.fetch("SELECT * FROM deliveries")
            entries = await connection.fetch("SELECT user_id, event_position, type_key FROM inbox_entries")
        finally:
            await connection.close()
            await container.stop()
    sent = Counter(_sent(line, browsers) for line in outbox.read_text().splitlines())
    assert [each for each, count in sent.items() if count > 1] == []
    devices = Counter(message_id for message_id, _ in sent)
    _check_log(rows, devices)
    in_app = [row for row in rows if row["channel"] == "in_app"]
    assert Counter((row["user_id"], row["event_position"]) for row in in_app) == Counter(
        (row["user_id"], row["event_position"]) for row in entries
    )


def _sent(line: str, browsers: dict[str, Browser]) -> tuple[str, str]:
    """The id of what was sent, and the device it was sent to where it is a push."""
    first, _, body = line.partition(" ")
    return (browsers[first].read(base64.b64decode(body))["id"], first) if body else (first, "")


def _check_log(rows: list[Any], devices: Counter[str]) -> None:
    """`devices` says to how many places each message went."""
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
        if row["channel"] == "in_app":
            assert status is DeliveryStatus.SENT, dict(row)
            continue
        message_id = f"{row['type_key']}.{row['event_position']}.{row['channel']}.{row['user_id'].hex}"
        if status is DeliveryStatus.SENT:
            assert devices[message_id] == (DEVICES if row["channel"] == "push" else 1), dict(row)
        else:
            assert status is DeliveryStatus.UNCERTAIN, dict(row)
    uncertain = [row for row in rows if row["status"] == "uncertain"]
    print(f"uncertain: {dict(Counter(row['channel'] for row in uncertain))}")
    assert len(uncertain) <= (KILLS + WORKERS) * AT_ONCE, "no more than were under way when a worker died"
