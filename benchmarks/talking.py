"""Single exchanges with a server outside any timed section."""

import json
import re
import socket
import time
from typing import Any

from benchmarks.client import answer_length
from benchmarks.figures import CannotMeasure
from benchmarks.load import get

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
MAIL = 60.0
"""Seconds all mails of a benchmark may take to arrive."""


def json_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def exchange(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while not (length := answer_length(answer)) and (data := connection.recv(65_536)):
            answer += data
    return int(answer[9:12]), answer[answer.index(b"\r\n\r\n") + 4 : length or None]


def codes_from_mailbox(port: int, addresses: list[str]) -> list[str]:
    """The newest code of each address, waiting for mails. Raises CannotMeasure when one stays out."""
    until = time.monotonic() + MAIL
    return [code_for(port, address, until) for address in addresses]


def code_for(port: int, address: str, until: float) -> str:
    while time.monotonic() < until:
        status, body = exchange(port, get(port, f"/dev/mailbox?to={address}"))
        if status != 200:
            raise CannotMeasure(f"/dev/mailbox answers {status}")
        if code := code_in(json.loads(body)["items"]):
            return code
        time.sleep(0.1)
    raise CannotMeasure(f"no code arrived for {address} within {MAIL:.0f} s")


def code_in(mails: list[dict[str, Any]]) -> str | None:
    """The code of the newest mail that has one; the list is newest first."""
    for mail in mails:
        if found := CODE.search(mail["text"]):
            return found.group()
    return None
