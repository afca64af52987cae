"""Hashing in a process of its own, at a low priority, which shares no interpreter lock with an event loop.

A thread that runs at a low priority still needs the interpreter lock for the little Python around each hash.
Put off the processor while it holds the lock, it keeps the event loop waiting for as long as the machine is
busy.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from multiproduct.adapters.passlib.hashing import HashCost, Hashing, Judged
from multiproduct.application.ports.passwords import PasswordCheck

_NICENESS = 10
_PROGRAM = "from multiproduct.adapters.passlib.hashing_process import main; main()"
_INHERITED = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""What the process needs of the environment; secrets are none of it."""
_GRACE_SECONDS = 5.0
_OWN_SESSION = Path("/proc/self/autogroup")


class HashingProcess:
    """The other end of the process, for one thread at a time: each call blocks for as long as the hash takes.

    The process starts with the first call, is started again when it was killed, and ends when this end of its
    pipe is closed, so that it never outlives whoever started it.
    """

    def __init__(self, cost: HashCost) -> None:
        self._cost = cost
        self._turns = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def hash(self, password: str) -> str:
        """A new salted hash."""
        hashed: str = self._ask({"password": password})["hash"]
        return hashed

    def check(self, password: str, hashed: str | None) -> Judged:
        """See `Hashing.check`."""
        said = self._ask({"password": password, "compared": hashed})
        check = PasswordCheck(matches=said["matches"], new_hash=said["new_hash"])
        return Judged(check, said["seconds"], said["is_foreign_refusal"])

    def close(self) -> None:
        """Lets the process end, after the hash that it is at."""
        with self._turns:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        with self._turns:
            try:
                return self._exchange(question)
            except (BrokenPipeError, EOFError):
                # Somebody killed it, the kernel perhaps, for its memory. Nothing was lost but its answer.
                self._end()
                return self._exchange(question)

    def _exchange(self, question: dict[str, Any]) -> dict[str, Any]:
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise EOFError
        said: dict[str, Any] = json.loads(line)
        return said

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603 - this interpreter, this module
            [sys.executable, "-c", _PROGRAM, str(self._cost.memory_kib), str(self._cost.passes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            text=True,
            encoding="utf-8",
            start_new_session=True,  # which is what Linux shares a busy processor out between
        )


def _answer(hashing: Hashing, question: dict[str, Any]) -> dict[str, Any]:
    if "compared" not in question:
        return {"hash": hashing.hash(question["password"])}
    judged = hashing.check(question["password"], question["compared"])
    return {
        "matches": judged.check.matches,
        "new_hash": judged.check.new_hash,
        "seconds": judged.seconds,
        "is_foreign_refusal": judged.is_foreign_refusal,
    }


def _give_way() -> None:
    """Lets everybody else on the machine go first, the server and its database among them.

    Where Linux groups processes by session (autogroup, see sched(7)), a priority counts only within the
    session: two busy hashers would share a core equally with each of the database's processes. So the session
    gets a priority too.
    """
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError):
        _OWN_SESSION.write_text(str(_NICENESS))


def main() -> None:
    """Answers questions, a line each, until there are no more."""
    # A person's Ctrl-C is for the server, which still wants its answers while it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _give_way()
    hashing = Hashing(HashCost(int(sys.argv[1]), int(sys.argv[2])))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(hashing, json.loads(line))) + "\n")
        sys.stdout.flush()
