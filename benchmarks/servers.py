"""Starts and stops the servers under measure, each with a log under var/bench/logs/."""

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import CannotMeasure
from benchmarks.machine import free_port, pid_listening_on, pinned, process_tree, server_cores

PROJECT = Path(__file__).parent.parent
OUTPUT = PROJECT / "var" / "bench"
STARTUP = 60.0
"""Seconds a server may take until it answers."""
SETTLING = 2.0
"""Seconds after which a program that listens nowhere is taken to run."""
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `root` is the process whose tree is accounted, where it is known."""

    port: int
    root: int | None


def die_with_parent() -> None:
    """In the child: the kernel ends it when the harness is gone, however that happened."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process' environment without the product's settings, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MULTIPRODUCT_")}
    return kept | dict(extra)


@contextlib.contextmanager
def process(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path = PROJECT,
    cores: set[int] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is ended, with its descendants, on leaving."""
    (OUTPUT / "logs").mkdir(parents=True, exist_ok=True)
    with (OUTPUT / "logs" / f"{name}.log").open("wb") as log, pinned(cores or os.sched_getaffinity(0)):
        child = subprocess.Popen(
            list(command),
            env=clean_environment(env),
            cwd=cwd,
            stdin=subprocess.PIPE,  # closed with the harness, which some servers take for the end
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
    try:
        yield child
    finally:
        end(child)


def end(child: subprocess.Popen[Any]) -> None:
    """Asks politely, then kills what is left of the child's own tree."""
    family = process_tree(child.pid)
    child.terminate()
    if child.stdin is not None:
        child.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=10)
    for pid in family:
        if pid in process_tree(child.pid) or (pid != child.pid and parent_is_init(pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    child.wait(timeout=10)


def parent_is_init(pid: int) -> bool:
    """Whether a process of ours outlived its parent."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == "1"
    return False


def status_of(port: int, path: str, *, timeout: float = 2.0) -> int:
    """The status of one GET. Raises OSError or HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def wait_until_ready(name: str, child: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Returns when `path` answers below 500. Raises CannotMeasure with the end of the log otherwise."""
    until = time.monotonic() + STARTUP
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if status_of(port, path) < 500:
                return
        time.sleep(0.1)
    raise CannotMeasure(f"{name} does not answer; {end_of_log(name)}")


def end_of_log(name: str) -> str:
    lines = (OUTPUT / "logs" / f"{name}.log").read_text(errors="replace").strip().splitlines()
    return f"var/bench/logs/{name}.log ends: {lines[-1][:200] if lines else '(empty)'}"


@contextlib.contextmanager
def bare_server(answer_file: Path) -> Iterator[Served]:
    """The ceiling: a bare ASGI function answering what `answer_file` recorded."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.ceilings.serve", str(port)]
    env = {"BENCH_ANSWER_FILE": str(answer_file)}
    with process("bare_asgi", command, env=env, cores=server_cores()) as child:
        wait_until_ready("bare_asgi", child, port, "/")
        yield Served(port, child.pid)


def product_program() -> str:
    """The installed command. Raises CannotMeasure while there is none."""
    program = Path(sys.executable).parent / "multiproduct"
    if not program.exists():
        raise CannotMeasure("the multiproduct command is not installed")
    return str(program)


def migrate(settings: Mapping[str, str]) -> None:
    """Brings the settings' database to the present schema. Raises CannotMeasure when that fails."""
    done = subprocess.run(
        [product_program(), "migrate"],
        env=clean_environment(settings),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=STARTUP,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CannotMeasure(f"multiproduct migrate failed: {said[-1][:200] if said else 'without a word'}")


@contextlib.contextmanager
def product_server(
    settings: Mapping[str, str],
    *,
    attached: str | None = None,
    cores: set[int] | None = None,
    name: str = "product",
) -> Iterator[Served]:
    """`multiproduct serve` with one worker on a migrated database; or, with `attached`, a server that
    somebody else started at that URL, whose settings are then theirs."""
    if attached:
        port = urlsplit(attached).port or 80
        yield Served(port, pid_listening_on(port))
        return
    migrate(settings)
    port = free_port()
    command = [product_program(), "serve", "--port", str(port), "--workers", "1"]
    with process(name, command, env=settings, cores=cores or server_cores()) as child:
        wait_until_ready(name, child, port, "/livez")
        yield Served(port, child.pid)


@contextlib.contextmanager
def product_process(
    program: str, settings: Mapping[str, str], *, cores: set[int] | None = None
) -> Iterator[Served]:
    """`multiproduct worker` or `multiproduct scheduler`. Raises CannotMeasure when it ends at once."""
    with process(program, [product_program(), program], env=settings, cores=cores) as child:
        time.sleep(SETTLING)
        if child.poll() is not None:
            raise CannotMeasure(f"{program} ended; {end_of_log(program)}")
        yield Served(0, child.pid)
