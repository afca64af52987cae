"""Crashes: what was answered is never lost, however the processes die, and nothing is recorded twice."""

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.campaigns import proof_scale
from tests.integration.journeys.installation import Installation
from tests.integration.journeys.person import PASSWORD
from tests.servers import empty_redis

SEED = 20261121
MAIL_WITHIN_SECONDS = 90.0
"""A todo whose worker died is offered again when its lease ends, here after 5 seconds."""


class Crowd:
    """People who sign up one after another until the server is gone; remembers who was answered."""

    def __init__(self, base_url: str, name: str) -> None:
        self.answered: list[str] = []
        self._base_url = base_url
        self._name = name
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.answered) < count and time.monotonic() < deadline:
            time.sleep(0.001)
        assert len(self.answered) >= count

    def _run(self) -> None:
        with httpx2.Client(base_url=self._base_url, timeout=10) as http:
            for number in range(10_000):
                email = f"{self._name}-{number}@stark.com"
                try:
                    answer = http.post(
                        "/api/v1/identity/registration", json={"email": email, "password": PASSWORD}
                    )
                except httpx2.TransportError:
                    return
                assert answer.status_code == 202, answer.text
                self.answered.append(email)


def _mailed(house: Installation) -> set[str]:
    folder = house.folder / "mailbox"
    found: set[str] = set()
    with httpx2.Client(base_url=house.base_url, timeout=10) as http:
        for message in http.get("/dev/mailbox", params={"limit": "1000"}).json()["items"]:
            found.add(message["to"])
    assert folder.exists() or not found
    return found


def _wait_until_mailed(house: Installation, people: set[str]) -> None:
    deadline = time.monotonic() + MAIL_WITHIN_SECONDS
    while missing := people - _mailed(house):
        assert time.monotonic() < deadline, f"{len(missing)} never got their mail: {sorted(missing)[:3]}"
        time.sleep(0.1)


async def _audit_is_whole(url: str) -> None:
    """Every challenge and registration stands in the audit log once for each thing that happened to it."""
    engine = create_async_engine(url.replace("sqlite:///", "sqlite+aiosqlite:///"))
    try:
        async with engine.connect() as connection:

            async def rows(statement: str) -> list[Any]:
                return list((await connection.execute(text(statement))).all())

            audited = Counter(
                (event, resource)
                for event, resource in await rows(
                    "SELECT event, resource_id FROM audit_entries "
                    "WHERE event IN ('otp.challenge_issued', 'identity.registration_started')"
                )
            )
            challenges = (await rows("SELECT COUNT(*) FROM challenges"))[0][0]
            registrations = (await rows("SELECT COUNT(*) FROM pending_registrations"))[0][0]
            events = (await rows("SELECT COUNT(*) FROM events"))[0][0]
            entries = (await rows("SELECT COUNT(*) FROM audit_entries"))[0][0]
    finally:
        await engine.dispose()
    assert set(audited.values()) == {1}
    assert sum(event == "otp.challenge_issued" for event, _ in audited) == challenges
    assert sum(event == "identity.registration_started" for event, _ in audited) == registrations
    assert challenges == registrations
    assert events == entries


async def test_killed_right_after_answering_on_sqlite_alone(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    answered: set[str] = set()
    with Installation(tmp_path, MULTIPRODUCT_TODO_LEASE_SECONDS="5") as house:
        for round_number in range(proof_scale(4, 50)):
            house.start_server()
            crowd = Crowd(house.base_url, f"r{round_number}")
            crowd.start()
            crowd.wait_for(chance.randint(1, 12))
            house.kill("server")
            crowd.join()
            answered.update(crowd.answered)
        house.start_server()
        _wait_until_mailed(house, answered)
        house.stop("server")
    await _audit_is_whole(house.environment["MULTIPRODUCT_DATABASE_URL"])


async def test_killed_with_its_workers_and_redis_flushed_in_between(
    tmp_path: Path, postgres_database: str, redis_database: str
) -> None:
    chance = random.Random(SEED + 1)
    answered: set[str] = set()
    with Installation(
        tmp_path,
        MULTIPRODUCT_DATABASE_URL=postgres_database,
        MULTIPRODUCT_REDIS_URL=redis_database,
        MULTIPRODUCT_TODO_LEASE_SECONDS="5",
    ) as house:
        for round_number in range(proof_scale(3, 50)):
            house.start_server()
            house.start_worker()
            crowd = Crowd(house.base_url, f"r{round_number}")
            crowd.start()
            crowd.wait_for(chance.randint(1, 12))
            house.kill("server")
            if chance.random() < 0.5:
                time.sleep(chance.random() * 0.2)
            house.kill("worker")
            crowd.join()
            answered.update(crowd.answered)
            await empty_redis(redis_database)
        house.start_server()
        house.start_worker()
        _wait_until_mailed(house, answered)
    await _audit_is_whole(postgres_database)
