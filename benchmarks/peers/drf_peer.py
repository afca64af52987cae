"""Builds and serves the Django REST framework peer in an environment of its own."""

import contextlib
import hashlib
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.backing import Backing
from benchmarks.figures import CannotMeasure
from benchmarks.machine import free_port, server_cores
from benchmarks.servers import Served, clean_environment, process, wait_until_ready

FOLDER = Path(__file__).parent / "drf_username_check"
PYTHON = FOLDER / ".venv" / "bin" / "python"
STAMP = FOLDER / ".venv" / "installed"
INSTALLING = 300.0
MANAGING = 60.0
REDIS_NUMBER = 9


def install() -> None:
    """Creates the environment once per content of requirements.txt. Raises CannotMeasure without packages."""
    wanted = hashlib.sha256((FOLDER / "requirements.txt").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists():
        return
    venv.create(FOLDER / ".venv", with_pip=True, clear=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(
        [*command, "-r", "requirements.txt"],
        env={},
        seconds=INSTALLING,
        doing="installing the peer's packages",
    )
    STAMP.write_text(wanted)


def run(command: list[str], *, env: dict[str, str], seconds: float, doing: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=FOLDER,
            env=clean_environment(env),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotMeasure(f"{doing} took more than {seconds:.0f} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CannotMeasure(f"{doing} failed: {said[-1][:200] if said else 'without a word'}")


@contextlib.contextmanager
def drf_peer(backing: Backing) -> Iterator[Served]:
    """gunicorn with one synchronous worker, as the source system runs it, on the measured server's core."""
    install()
    env = {
        "PEER_DATABASE_URL": backing.new_database("bench_drf_peer"),
        "PEER_REDIS_URL": backing.empty_redis(REDIS_NUMBER),
        "DJANGO_SETTINGS_MODULE": "stark.settings",
    }
    run([str(PYTHON), "manage.py", "migrate"], env=env, seconds=MANAGING, doing="migrating the peer")
    port = free_port()
    command = [str(PYTHON), "-m", "gunicorn", "stark.wsgi:application", "--workers", "1"]
    command += ["--bind", f"127.0.0.1:{port}", "--backlog", "2048", "--log-level", "warning"]
    with process("drf_peer", command, env=env, cwd=FOLDER, cores=server_cores()) as child:
        wait_until_ready("drf_peer", child, port, "/auth/kn/check-username/?username=ready")
        yield Served(port, child.pid)
