"""A bare ASGI function that answers one recorded answer as a constant: the most this server can do."""

import base64
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ANSWER_FILE = "BENCH_ANSWER_FILE"
"""The environment variable that names the JSON file with `status`, `headers` and `body_base64`."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def app() -> Application:
    """The application, with its answer read once; Granian calls this factory in the worker."""
    recorded = json.loads(Path(os.environ[ANSWER_FILE]).read_text())
    body = base64.b64decode(recorded["body_base64"])
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in recorded["headers"]]
    start = {"type": "http.response.start", "status": recorded["status"], "headers": headers}
    end = {"type": "http.response.body", "body": body}

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await keep_alive_for_lifespan(receive, send)
        await send(start)
        await send(end)
        return None

    return answer


async def keep_alive_for_lifespan(receive: Receive, send: Send) -> None:
    """Follows the lifespan protocol, which the product's application follows too."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
