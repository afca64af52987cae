"""Races: contenders in several processes at the same moment, what came of it, and the installation on which
they are held."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PROCESSES = 4
FINISH_WITHIN_SECONDS = proof_scale(240, 1_800)
_ROOT = Path(__file__).resolve().parents[3]


def race(
    name: str, *, settings: dict[str, Any], contenders: int, processes: int, **order: Any
) -> Counter[str]:
    """Races `contenders` over `processes`; answers how often each outcome came. Anything unforeseen fails."""
    share = contenders // processes
    orders = [
        {"race": name, "settings": settings, "first": index * share, "count": share, **order}
        for index in range(processes)
    ]
    with _started(orders) as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        line = runner.stdout.readline()
        if line.strip() != "ready":
            raise AssertionError(line + runner.communicate(timeout=FINISH_WITHIN_SECONDS)[1][-4000:])
        out, err = runner.communicate("go\n", timeout=FINISH_WITHIN_SECONDS)
        assert runner.returncode == 0, err[-4000:]
        return Counter(json.loads(out.splitlines()[-1]))


@contextmanager
def _started(orders: list[dict[str, Any]]) -> Iterator[subprocess.Popen[str]]:
    """The contenders' first process, which forks the others; all of them are ended on leaving."""
    runner = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.journeys.contenders"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert runner.stdin is not None
        runner.stdin.write(json.dumps(orders) + "\n")
        runner.stdin.flush()
        yield runner
    finally:
        with suppress(ProcessLookupError):
            os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
        for pipe in (runner.stdin, runner.stdout, runner.stderr):
            if pipe is not None:
                pipe.close()


@dataclass(frozen=True, kw_only=True)
class Arena:
    """An installation with its schema in place, on which races are held, and what it says of them after."""

    house: Multiproduct
    settings: dict[str, Any]

    def race(self, name: str, *, contenders: int, processes: int = PROCESSES, **order: Any) -> Counter[str]:
        """As `race` does, on this installation."""
        return race(name, settings=self.settings, contenders=contenders, processes=processes, **order)

    async def count(self, event: str, resource_id: str | None = None) -> int:
        """How often it happened, by the audit log."""
        async with self.house.container.units.view(SYSTEM) as view:
            return int(await view.audit_trail.count(AuditFilter(event=event, resource_id=resource_id)))


@asynccontextmanager
async def opened_arena(url: str, folder: Path, **more: Any) -> AsyncIterator[Arena]:
    """The database at `url` is migrated; what is not in it lies in `folder`. `more` are further settings."""
    settings = {
        "database_url": await migrated(url),
        "mailbox_dir": str(folder / "mailbox"),
        "media_url": f"file://{folder}/media",
        "password_cost": "test",
        # A race hashes for all its contenders at once, which an installation would rather refuse.
        "password_queue": 10_000,
        # A client that waits its turn on a busy machine comes with a token that others superseded long ago.
        "refresh_grace_seconds": 30,
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
        **more,
    }
    async with Multiproduct.from_settings(Settings(**settings)) as house:
        yield Arena(house=house, settings=settings)


@dataclass(frozen=True, kw_only=True)
class OneTimeThing:
    """Something that is good once: how one comes by it, and what shows that it was used once.

    `prepared` answers the order of the race. `refused` are the codes with which those who lose may be told
    so, `happened` the events of whoever won: how many more of each there are after the race.
    """

    name: str
    race: str
    prepared: Callable[[Arena, int], Awaitable[dict[str, Any]]]
    refused: frozenset[str]
    happened: Mapping[str, int]
    sample: int = 200
    full: int = 1_000


async def used_once(arena: Arena, thing: OneTimeThing) -> None:
    """As many as the run asks for use the thing at once: one gets what it is for, and it happens once."""
    contenders = proof_scale(thing.sample, thing.full)
    order = await thing.prepared(arena, contenders)
    before = {event: await arena.count(event) for event in thing.happened}
    outcomes = arena.race(thing.race, contenders=contenders, **order)
    print(f"{thing.name}: {contenders} contenders, {dict(outcomes)}")
    assert outcomes["ok"] == 1, outcomes
    assert outcomes.total() == contenders, outcomes
    assert set(outcomes) - {"ok"} <= thing.refused, outcomes
    assert {event: await arena.count(event) - before[event] for event in thing.happened} == thing.happened
