"""The program `multiproduct` with a place to die at: run as `python -m tests.integration.journeys.crashing`.

Where the file `armed` in the folder CRASH_FOLDER has a number n, everything that units of work and the
gateway are asked from then on is counted over all processes, and the process group that reaches the n-th dies
of SIGKILL. With a name, the first that reaches a step of that name dies. The file `points` lists what was
reached. Nothing is counted where there is no file `armed`.

With `look_after` in place of a command it does what is due, and what that leaves behind, each time it reads a
line.
"""

import asyncio
import fcntl
import inspect
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.adapters.stdlib import DerivedSecrets, SystemClock
from multiproduct.application.made_once import made_once
from multiproduct.application.payments import Gateways
from multiproduct.bootstrap import Container, Overrides, Role, build, set_up_logs
from multiproduct.bootstrap.parts import store_of
from multiproduct.entrypoints.http import serving
from multiproduct.entrypoints.http.app import HttpApplication, http_app
from multiproduct.settings import Settings

FOLDER_VARIABLE = "CRASH_FOLDER"
COMMIT, GATEWAY = "commit", "gateway"
_NOT_THE_STORY = frozenset(
    {
        "audit_chain",
        "ledger_chain",
        "deliveries",
        "inbox",
        "notification_digests",
        "notification_preferences",
        "notification_settings",
        "suppressions",
        "webhook_endpoints",
        "webhook_messages",
    }
)
"""What jobs ask for every few seconds, whatever goes on, and what telling people asks for."""
_CALLS = frozenset({"charge", "refund", "ask"})


class CrashPoints:
    """Counts in a file that all processes append to, and dies where it was told to."""

    def __init__(self, folder: Path) -> None:
        self._armed = folder / "armed"
        self._points = folder / "points"

    @property
    def is_armed(self) -> bool:
        return self._armed.exists()

    def reach(self, name: str) -> None:
        """One more step. At the one that was asked for, this process and its whole group are no more."""
        try:
            wanted = self._armed.read_text()
        except FileNotFoundError:
            return
        with self._points.open("a+") as points:
            fcntl.flock(points, fcntl.LOCK_EX)
            points.seek(0)
            count = len(points.readlines()) + 1
            dies = wanted in (str(count), name)
            points.write(f"{name}{' died' if dies else ''}\n")
            points.flush()
            if dies:
                os.killpg(0, signal.SIGKILL)


class CountedRepository:
    """The real repository, each of whose questions to the store is a step."""

    def __init__(self, real: Any, name: str, points: CrashPoints, touched: set[str]) -> None:
        self._real = real
        self._name = name
        self._points = points
        self._touched = touched

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not inspect.iscoroutinefunction(real):
            return real

        async def counted(*args: Any, **named: Any) -> Any:
            self._touched.add(self._name)
            if self._name not in _NOT_THE_STORY:
                self._points.reach(f"{self._name}.{name}")
            return await real(*args, **named)

        return counted


class CrashingUnits:
    """The real units: a step before each question, and before and after each commit."""

    def __init__(self, real: Any, points: CrashPoints) -> None:
        self._real = real
        self._points = points

    def view(self, caller: Any) -> Any:
        return self._real.view(caller)

    def open(self, caller: Any) -> Any:
        return self._counted(self._real.open(caller))

    def open_alone(self, caller: Any) -> Any:
        return self._counted(self._real.open_alone(caller))

    @asynccontextmanager
    async def _counted(self, opening: Any) -> Any:
        async with opening as unit:
            if not self._points.is_armed:
                yield unit
                return
            touched: set[str] = set()
            for name in _repositories_of(type(unit)):
                setattr(unit, name, CountedRepository(getattr(unit, name), name, self._points, touched))
            commit = unit.commit

            async def commit_with_steps() -> None:
                told = touched - _NOT_THE_STORY
                if told:
                    self._points.reach(f"{COMMIT} before")
                await commit()
                if told:
                    self._points.reach(f"{COMMIT} after")

            unit.commit = commit_with_steps
            yield unit


class CrashingGateway:
    """The sandbox, with a step before it is told anything and one before its answer is heard."""

    def __init__(self, real: SandboxGateway, points: CrashPoints) -> None:
        self._real = real
        self._points = points

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in _CALLS:
            return real

        async def counted(*args: Any) -> Any:
            self._points.reach(f"{GATEWAY} before {name}")
            answer = await real(*args)
            self._points.reach(f"{GATEWAY} after {name}")
            return answer

        return counted


def _repositories_of(kind: type) -> list[str]:
    return [name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name), made_once)]


def crashing_overrides(settings: Settings, folder: Path) -> Overrides:
    """Units and a gateway that can die; everything else as usual."""
    points, store = CrashPoints(folder), store_of(settings)
    secrets = DerivedSecrets(masters=settings.secrets)
    sandbox: Any = CrashingGateway(
        SandboxGateway(
            books=store.sandbox_books, clock=SystemClock(), secret=secrets.current("sandbox-callbacks")
        ),
        points,
    )
    return Overrides(
        store=store,
        gateways=Gateways([sandbox]),
        wrap_units=lambda units: CrashingUnits(units, points),
    )


def build_crashing(settings: Settings, *, role: Role = Role.SERVER) -> Container:
    """As `build`, for whatever kind of process."""
    return build(
        settings, overrides=crashing_overrides(settings, Path(os.environ[FOLDER_VARIABLE])), role=role
    )


def app() -> HttpApplication:
    """What a worker of the server serves."""
    serving.die_with_parent()
    settings = Settings()
    set_up_logs(settings)
    return http_app(build_crashing(settings), owns_container=True)


async def look_after() -> None:
    """Does what is due, over and over."""
    container = build_crashing(Settings(), role=Role.TOOL)
    await container.start()
    try:
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await container.refresh_clock()
            while await container.subscriptions.looking_after.run() + await container.relay.drain():
                pass
            print("done", flush=True)
    finally:
        await container.stop()


def main() -> None:
    """The command, whose server and worker build what can die."""
    if sys.argv[1:] == ["look_after"]:
        asyncio.run(look_after())
        return
    from multiproduct.entrypoints.cli.main import run  # noqa: PLC0415 - a server's worker has no need of it
    from multiproduct.entrypoints.worker import running  # noqa: PLC0415 - likewise

    serving.TARGET = f"{app.__module__.replace('__main__', __spec__.name if __spec__ else '')}:{app.__name__}"
    running.build = build_crashing
    run()


if __name__ == "__main__":
    main()
