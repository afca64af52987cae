"""A real server of the HTTP service, in processes of its own, for tests that need one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from tests.servers.ports import free_port

_PROGRAM = (
    "import sys; from multiproduct.entrypoints.http.serving import serve; "
    "serve(host='127.0.0.1', port=int(sys.argv[1]))"
)


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for a state that is sure to come; the bound only ends a test that has failed."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/livez", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def http_server(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server's process and port. What it says is in the file `log` of the folder."""
    port = free_port()
    given = {"DATABASE_URL": "memory://", "PASSWORD_COST": "test", **settings}
    environment = {**os.environ, **{f"MULTIPRODUCT_{name}": value for name, value in given.items()}}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(port)], cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        until(lambda: answers(port) or process.poll() is not None)
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=90)
