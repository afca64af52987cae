"""A real installation as processes of its own: server, workers and scheduler, started and killed by tests."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from tests.servers.ports import free_port

READY_WITHIN_SECONDS = 120.0


class Installation:
    """Processes that share one folder, one database and, where given, one Redis.

    Each is started in a process group of its own, which `kill` ends at once and `stop` asks to finish.
    """

    command: Sequence[str] = (sys.executable, "-m", "multiproduct.entrypoints.cli.main")
    """The program that is started, with what it is asked to do after it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MULTIPRODUCT_")},
            "MULTIPRODUCT_ENVIRONMENT": "development",
            "MULTIPRODUCT_DATABASE_URL": f"sqlite:///{folder}/multiproduct.db",
            "MULTIPRODUCT_MAILBOX_DIR": str(folder / "mailbox"),
            "MULTIPRODUCT_BASE_URL": self.base_url,
            "MULTIPRODUCT_PASSWORD_COST": "test",
            "MULTIPRODUCT_RATE_LIMIT_PROFILE": "unlimited",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.run("migrate")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._processes):
            self.kill(name)

    def run(self, *arguments: str) -> str:
        """Runs a command to its end; answers what it printed. Raises AssertionError when it fails."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_server(self, *, workers: int = 1) -> None:
        """Returns once the server is ready."""
        self._start("server", "serve", "--port", str(self.port), "--workers", str(workers))
        self._wait_until_ready()

    def start_worker(self, name: str = "worker") -> None:
        """Starts a worker; what it has to do waits for it."""
        self._start(name, "worker")

    def start_scheduler(self) -> None:
        """Starts the scheduler."""
        self._start("scheduler", "scheduler")

    def kill(self, name: str) -> None:
        """Ends a process and all its children, without a chance to finish anything."""
        process = self._processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(90)

    def stop(self, name: str) -> int:
        """Asks a process to finish; answers its exit code."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(90)

    def log(self, name: str) -> str:
        """What a process wrote."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [*self.command, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            assert self._processes["server"].poll() is None, self.log("server")
            try:
                if httpx2.get(f"{self.base_url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError("the server did not become ready:\n" + self.log("server"))
