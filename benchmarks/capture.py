"""Runs the product in one process and writes down the SQL of each request, to be replayed or explained.

`python -m benchmarks.capture journeys NUMBER FILE`, `python -m benchmarks.capture check NAME FILE` and
`python -m benchmarks.capture purchases BUYERS FILE`, with the product's settings in the environment.
"""

import asyncio
import importlib
import json
import pickle
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from benchmarks.accounts import SIGN_IN, SIGN_UP, VERIFY, account, sign_in_body, verify_body
from benchmarks.buyers import PURCHASES, is_active, purchase_body, purchase_headers
from benchmarks.requests_of_checks import PATH
from benchmarks.talking import code_in

FACTORY = "multiproduct.entrypoints.http.serving:app"
MAIL = 60.0
STEPS = ("sign-up", "verify", "login")


@dataclass
class Transaction:
    """Statements with their parameters, as the driver was given them, and how it ended."""

    autocommit: bool
    committed: bool = False
    statements: list[tuple[str, Any, bool]] = field(default_factory=list)
    """SQL, parameters, and whether the parameters are a list for many executions."""


recording: ContextVar[list[Transaction] | None] = ContextVar("recording", default=None)
"""The transactions of the request under way; None in tasks that serve no request, like the relay's."""


def record_statements() -> None:
    """Listens on every engine of this process. A connection's open transaction is found by the connection."""
    open_transactions: dict[int, Transaction] = {}

    def begin(connection: Connection) -> None:
        open_transactions.pop(id(connection), None)

    def before(
        connection: Connection,
        _cursor: Any,
        sql: str,
        parameters: Any,
        _context: Any,
        many: bool,  # noqa: FBT001 - the event says so
    ) -> None:
        transactions = recording.get()
        if transactions is None:
            return
        transaction = open_transactions.get(id(connection))
        if transaction is None:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            transaction = Transaction(autocommit=connection.dialect.detect_autocommit_setting(driver))
            open_transactions[id(connection)] = transaction
            transactions.append(transaction)
        # One statement that inserts many rows has its parameters in one row, and still counts as many here.
        in_rows = many and bool(parameters) and isinstance(parameters[0], list | tuple)
        transaction.statements.append((sql, parameters, in_rows))

    def commit(connection: Connection) -> None:
        if transaction := open_transactions.pop(id(connection), None):
            transaction.committed = True

    def rollback(connection: Connection) -> None:
        open_transactions.pop(id(connection), None)

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", commit)
    event.listen(Engine, "rollback", rollback)


class InProcess:
    """Drives an ASGI application without a server."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """The application's lifespan. Raises RuntimeError when it refuses to start."""
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        lifespan = asyncio.ensure_future(self.application(scope, inbox.get, outbox.put))
        await inbox.put({"type": "lifespan.startup"})
        if (answer := await asyncio.wait_for(outbox.get(), 60))["type"] != "lifespan.startup.complete":
            raise RuntimeError(f"the application did not start: {answer}")
        try:
            yield
        finally:
            await inbox.put({"type": "lifespan.shutdown"})
            await asyncio.wait_for(lifespan, 60)

    async def request(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, bytes, list[Transaction]]:
        """Status, body, and the transactions this one request made."""
        path, _, query = target.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        fields = [(b"host", b"127.0.0.1"), (b"content-length", str(len(sent)).encode())]
        if body is not None:
            fields.append((b"content-type", b"application/json"))
        fields += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": fields,
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        return await asyncio.ensure_future(self._exchange(scope, sent))

    async def _exchange(self, scope: dict[str, Any], body: bytes) -> tuple[int, bytes, list[Transaction]]:
        """Runs in a task of its own, so that only what the request itself executes is recorded."""
        transactions: list[Transaction] = []
        recording.set(transactions)
        messages: list[dict[str, Any]] = []
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if pending:
                return pending.pop()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await self.application(scope, receive, send)
        status = next(message["status"] for message in messages if message["type"] == "http.response.start")
        answer = b"".join(message.get("body", b"") for message in messages)
        return status, answer, list(transactions)


async def journeys(app: InProcess, number: int) -> dict[str, list[list[Transaction]]]:
    """The transactions of `number` journeys, by step. Raises RuntimeError when a step is refused."""
    captured: dict[str, list[list[Transaction]]] = {step: [] for step in STEPS}
    challenges = []
    for index in range(number):
        answer = await captured_step(app, captured["sign-up"], SIGN_UP, account(index))
        challenges.append(answer["challenge_id"])
    for index, challenge in enumerate(challenges):
        code = await code_for(app, account(index)["email"])
        await captured_step(app, captured["verify"], VERIFY, verify_body(challenge, code))
    for index in range(number):
        await captured_step(app, captured["login"], SIGN_IN, sign_in_body(index))
    return captured


async def captured_step(
    app: InProcess, into: list[list[Transaction]], path: str, body: Any
) -> dict[str, Any]:
    status, answer, transactions = await app.request("POST", path, body)
    if status >= 300:
        raise RuntimeError(f"{path} answers {status}: {answer[:300]!r}")
    into.append(transactions)
    said: dict[str, Any] = json.loads(answer)
    return said


async def code_for(app: InProcess, address: str) -> str:
    async with asyncio.timeout(MAIL):
        while True:
            _, answer, _ = await app.request("GET", f"/dev/mailbox?to={address}")
            if code := code_in(json.loads(answer)["items"]):
                return code
            await asyncio.sleep(0.05)


async def check(app: InProcess, name: str) -> dict[str, list[list[Transaction]]]:
    """The transactions of one username check, nothing cached."""
    status, answer, transactions = await app.request("GET", PATH + name)
    if status != 200:
        raise RuntimeError(f"the check answers {status}: {answer[:300]!r}")
    return {"check": [transactions]}


async def purchases(app: InProcess, buyers: str) -> dict[str, list[list[Transaction]]]:
    """The transactions of a purchase by each of the buyers in a file, each from the order to active."""
    captured: list[list[Transaction]] = []
    for buyer in json.loads(Path(buyers).read_text()):
        status, answer, transactions = await app.request(
            "POST", PURCHASES, purchase_body(buyer), purchase_headers(buyer)
        )
        if status >= 300 or not is_active(answer):
            raise RuntimeError(f"{PURCHASES} answers {status}: {answer[:300]!r}")
        captured.append(transactions)
    return {"purchase": captured}


CAPTURING = {
    "journeys": lambda app, subject: journeys(app, int(subject)),
    "check": check,
    "purchases": purchases,
}


async def capture(kind: str, subject: str) -> dict[str, list[list[Transaction]]]:
    module, _, factory = FACTORY.partition(":")
    app = InProcess(getattr(importlib.import_module(module), factory)())
    async with app.started():
        return await CAPTURING[kind](app, subject)


def main() -> None:
    kind, subject, file = sys.argv[1:]
    record_statements()
    captured = asyncio.run(capture(kind, subject))
    plain = {
        step: [[vars(transaction) for transaction in one] for one in each] for step, each in captured.items()
    }
    Path(file).write_bytes(pickle.dumps(plain))


if __name__ == "__main__":
    main()
