"""One process of each kind: builds its container inside its own event loop, works, and drains when told."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable

from multiproduct.bootstrap import Container, Role, build
from multiproduct.entrypoints.worker.family import run_family
from multiproduct.settings import Settings

_log = logging.getLogger(__name__)

DRAIN_SECONDS = 40.0
"""How long a process that is told to stop waits for what is under way. What is left is leased again."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_worker(settings: Settings, *, threads: int, processes: int) -> int:
    """Runs workers until SIGTERM or SIGINT; answers the exit code.

    Each process runs at most `threads` reactions at once. More than one process means children of this one,
    which end with it. Raises NotMigrated, Unavailable.
    """
    if processes > 1:
        asyncio.run(require_migrated(settings))
        return run_family(run_worker_process, settings, threads, size=processes)
    return run_worker_process(settings, threads)


def run_worker_process(settings: Settings, threads: int) -> int:
    """One worker, in this process."""
    return asyncio.run(_live(settings, Role.WORKER, lambda container: _consume(container, threads)))


def run_scheduler(settings: Settings) -> int:
    """Runs scheduled jobs until SIGTERM or SIGINT; answers the exit code. Any number of schedulers may run:
    each job is claimed by one. Raises NotMigrated, Unavailable."""
    return asyncio.run(_live(settings, Role.SCHEDULER, _schedule))


async def require_migrated(settings: Settings) -> None:
    """Raises NotMigrated where the database has not the tables of this version, Unavailable where it cannot
    be reached."""
    container = build(settings, role=Role.TOOL)
    try:
        await container.require_migrated()
    finally:
        await container.store.close()


Drain = Callable[[], Awaitable[None]]


async def _live(settings: Settings, role: Role, begin: Callable[[Container], Awaitable[Drain]]) -> int:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, told_to_stop.set)
    await require_migrated(settings)
    container = build(settings, role=role)
    await container.start()
    drain = await begin(container)
    await told_to_stop.wait()
    _log.info("stopping: waiting for what is under way", extra={"role": role.value})
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await drain()
            await container.stop()
    except TimeoutError:
        _log.error("stopped with work under way: it is done again elsewhere", extra={"role": role.value})
        return 1
    _log.info("stopped", extra={"role": role.value})
    return 0


async def _consume(container: Container, threads: int) -> Drain:
    broker = container.broker
    if broker is None:
        _log.info("no broker is set: this worker runs reactions directly from the database")
        return container.relay.stop
    consumer = broker.consumer(container.dispatching.run, threads=threads)
    await consumer.start()
    _log.info("working", extra={"threads": threads})

    async def drain() -> None:
        # First no more is sent, then no more is taken; the database is closed last.
        await container.relay.stop()
        await consumer.stop()

    return drain


async def _schedule(container: Container) -> Drain:
    _log.info("scheduling")
    return container.scheduling.stop
