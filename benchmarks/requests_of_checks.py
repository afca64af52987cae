"""The requests of the username check, and the recording of one answer for the ceiling."""

import base64
import http.client
import json
from pathlib import Path

from benchmarks.load import client_addresses, get
from benchmarks.servers import OUTPUT

PATH = "/auth/kn/check-username/?username="
NAMES = 1000
ADDRESSES = 20_000
RECORDED = Path(__file__).parent / "ceilings" / "recorded_answer.json"
ADDED_BY_SERVER = {"date", "server"}
"""Headers the HTTP server adds to every answer by itself, to the bare function's too."""


def name(index: int) -> str:
    """Free names of one length, so that every answer has the size of the recorded one."""
    return f"benchname{index:06d}"


def from_one_client(port: int) -> list[bytes]:
    """Checks of a thousand names without an address of their own."""
    return [get(port, PATH + name(index)) for index in range(NAMES)]


def from_many_clients(port: int, *, names: int = NAMES, number: int = ADDRESSES) -> list[bytes]:
    """`number` checks, over twenty thousand client addresses and `names` names."""
    addresses = client_addresses(ADDRESSES)
    return [
        get(port, PATH + name(index % names), client=addresses[index % ADDRESSES]) for index in range(number)
    ]


def record_answer(port: int) -> Path:
    """Asks the product once and keeps status, headers and body for the bare function."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", PATH + name(0))
    answer = connection.getresponse()
    body = answer.read()
    headers = [
        [key.lower(), value] for key, value in answer.getheaders() if key.lower() not in ADDED_BY_SERVER
    ]
    connection.close()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / "answer.json"
    recorded = {"status": answer.status, "headers": headers, "body_base64": base64.b64encode(body).decode()}
    file.write_text(json.dumps(recorded, indent=1))
    return file
