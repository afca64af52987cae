"""`multiproduct worker` as processes: with Redis and without, stopped and orphaned."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.journeys.installation import Installation
from tests.servers import empty_redis

from multiproduct import SYSTEM, CreateAdmin, Multiproduct, Settings

PATIENCE_SECONDS = 60


def until(what: Callable[[], bool], installation: Installation) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, installation.log("worker")
        time.sleep(0.05)


def children_of(pid: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.add(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def mails(installation: Installation) -> list[str]:
    folder = installation.folder / "mailbox"
    return sorted(json.loads(path.read_text())["to"] for path in folder.glob("*.json"))


async def welcome(installation: Installation, *names: str) -> None:
    """Makes people in a process that runs no reactions, which owes each of them a mail."""
    settings = Settings(
        database_url=installation.environment["MULTIPRODUCT_DATABASE_URL"],
        mailbox_dir=installation.folder / "mailbox",
        inline_worker=False,
        password_cost="test",
    )
    async with Multiproduct.from_settings(settings) as mp:
        for name in names:
            command = CreateAdmin(email=f"{name}@b.example", username=name, password="correct horse battery")
            await mp.identity.administration.create_member(command, SYSTEM)


@pytest.fixture(params=["directly", "through Redis"])
def broker(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "directly":
        return {}
    url: str = request.getfixturevalue("redis_url")
    asyncio.run(empty_redis(url))
    return {"MULTIPRODUCT_BROKER_URL": url}


def test_a_worker_sends_what_is_owed_and_ends_well_when_it_is_told_to_stop(
    tmp_path: Path, broker: dict[str, str]
) -> None:
    with Installation(tmp_path / "shop", **broker) as installation:
        asyncio.run(welcome(installation, "ann.one", "bob.two"))
        assert mails(installation) == []
        installation.start_worker()
        until(lambda: len(mails(installation)) == 2, installation)
        asyncio.run(welcome(installation, "cat.three"))
        until(lambda: len(mails(installation)) == 3, installation)
        assert installation.stop("worker") == 0
        log = installation.log("worker")
    assert ("no broker is set" in log) == (not broker)
    assert "Traceback" not in log, log
    assert mails(installation) == ["ann.one@b.example", "bob.two@b.example", "cat.three@b.example"]


def _a_family(installation: Installation) -> int:
    installation._start("worker", "worker", "--processes", "2")
    return installation._processes["worker"].pid


def _has_workers(parent: int) -> bool:
    # Besides the two workers there is the process in which multiprocessing keeps track of resources.
    return len(children_of(parent)) >= 2


def test_the_processes_of_a_worker_end_together(tmp_path: Path) -> None:
    with Installation(tmp_path / "shop") as installation:
        parent = _a_family(installation)
        until(
            lambda: _has_workers(parent) and installation.log("worker").count("no broker is set") == 2,
            installation,
        )
        children = children_of(parent)
        assert installation.stop("worker") == 0
        until(lambda: not any(is_alive(child) for child in children), installation)
        assert installation.log("worker").count("stopped") >= 2


def test_the_processes_of_a_worker_end_when_it_is_killed(tmp_path: Path) -> None:
    with Installation(tmp_path / "shop") as installation:
        parent = _a_family(installation)
        until(
            lambda: _has_workers(parent) and installation.log("worker").count("no broker is set") == 2,
            installation,
        )
        children = children_of(parent)
        os.kill(parent, signal.SIGKILL)
        installation._processes["worker"].wait(30)
        until(lambda: not any(is_alive(child) for child in children), installation)
