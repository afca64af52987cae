"""A worker that tells people, to be killed: run as `python -m tests.integration.journeys.telling`.

Reads MULTIPRODUCT_* settings and writes a line to the file OUTBOX for each mail it hands over, before it says
that it did: whoever dies in between has sent it. Ends when its standard input does.
"""

import asyncio
import os
import sys
from pathlib import Path

from multiproduct.application.ports.mailer import Mail
from multiproduct.bootstrap import Overrides, Role, build
from multiproduct.settings import Settings


class Outbox:
    """A mailer whose mails are lines of a file, which one `write` appends whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def send(self, mail: Mail) -> None:
        os.write(self._file, f"{mail.message_id}\n".encode())
        await asyncio.sleep(0.002)  # where a kill is likely to come


async def main() -> None:
    """Works until nobody listens any more."""
    outbox = Outbox(Path(os.environ["OUTBOX"]))
    container = build(Settings(), overrides=Overrides(mailer=outbox), role=Role.WORKER)
    await container.start()
    try:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    finally:
        await container.stop()


if __name__ == "__main__":
    asyncio.run(main())
