"""A worker that tells people, to be killed: run as `python -m tests.integration.journeys.telling`.

Reads MULTIPRODUCT_* settings and writes a line to the file OUTBOX for each mail, text and push it hands over,
before it says that it did: whoever dies in between has sent it. Ends when its standard input does.
"""

import asyncio
import base64
import os
import sys
from pathlib import Path

from multiproduct.application.ports.mailer import Mail
from multiproduct.application.ports.texter import Text
from multiproduct.application.webhooks import Answer, Delivery
from multiproduct.bootstrap import Overrides, Role, build
from multiproduct.settings import Settings


class Outbox:
    """A file, to which one `write` appends a whole line."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def take(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())
        await asyncio.sleep(0.002)  # where a kill is likely to come


class Messages:
    """A mailer and a texter whose messages are lines."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def send(self, message: Mail | Text) -> None:
        await self._outbox.take(message.message_id)


class PushService:
    """Takes pushes: a line has the subscription, and what only its browser can read."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def post(self, delivery: Delivery) -> Answer:
        await self._outbox.take(f"{delivery.url} {base64.b64encode(delivery.body).decode()}")
        return Answer(status=201, retry_after=None, body=b"")


async def main() -> None:
    """Works until nobody listens any more."""
    outbox = Outbox(Path(os.environ["OUTBOX"]))
    messages = Messages(outbox)
    overrides = Overrides(mailer=messages, texter=messages, push_receivers=PushService(outbox))
    container = build(Settings(), overrides=overrides, role=Role.WORKER)
    await container.start()
    try:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    finally:
        await container.stop()


if __name__ == "__main__":
    asyncio.run(main())
