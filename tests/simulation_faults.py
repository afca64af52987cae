"""Faults for the simulator: commits that fail before or after they took effect, gateways that break off,
nights that nobody works, jobs that are run twice, and time that jumps."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from types import TracebackType
from typing import Any

from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.application.caller import Caller
from multiproduct.application.payments.gateways import NotSent
from multiproduct.application.ports.todos import Todo
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError, Unavailable
from multiproduct.entrypoints.simulation.passing_time import PassingTime

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Faults:
    """Decides by a seed what goes wrong; `happened` counts what did."""

    random: Random
    rate: float = 0.02
    is_calm: bool = True
    happened: Counter[str] = field(default_factory=Counter)

    def strike(self, what: str) -> bool:
        """Whether it goes wrong now."""
        if self.is_calm or self.random.random() >= self.rate:
            return False
        self.happened[what] += 1
        return True

    def units(self, units: Any) -> "FaultyUnits":
        """To be handed in as `Overrides.wrap_units`."""
        return FaultyUnits(units, self)


class FaultyUnits:
    """Units that cannot be begun, or whose commits fail, before or after they took effect."""

    def __init__(self, units: Any, faults: Faults) -> None:
        self._units = units
        self._faults = faults

    def open(self, caller: Caller) -> AbstractAsyncContextManager[Any]:
        return FaultyUnit(self._units.open(caller), self._faults)

    def open_alone(self, caller: Caller) -> AbstractAsyncContextManager[Any]:
        return FaultyUnit(self._units.open_alone(caller), self._faults)

    def view(self, caller: Caller) -> AbstractAsyncContextManager[Any]:
        return self._units.view(caller)


class FaultyUnit:
    """One of them."""

    def __init__(self, unit: Any, faults: Faults) -> None:
        self._unit = unit
        self._faults = faults

    async def __aenter__(self) -> Any:
        if self._faults.strike("not begun"):
            raise TransientFailure("not begun")
        unit = await self._unit.__aenter__()
        commit = unit.commit

        async def faulty_commit() -> None:
            if self._faults.strike("not committed"):
                raise TransientFailure("not committed")
            await commit()
            if self._faults.strike("committed, and told it was not"):
                raise TransientFailure("committed, and told it was not")

        unit.commit = faulty_commit
        return unit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._unit.__aexit__(kind, error, trace)


class FaultyGateway(SandboxGateway):
    """The sandbox behind a line that breaks, before the request arrives or after it was carried out."""

    faults: Faults

    async def charge(self, order: Any) -> Any:
        return await self._over_the_line("charge", lambda: SandboxGateway.charge(self, order))

    async def refund(self, order: Any) -> Any:
        return await self._over_the_line("refund", lambda: SandboxGateway.refund(self, order))

    async def ask(self, question: Any) -> Any:
        return await self._over_the_line("ask", lambda: SandboxGateway.ask(self, question))

    async def store_method(self, **given: Any) -> Any:
        return await self._over_the_line("store", lambda: SandboxGateway.store_method(self, **given))

    async def detach_method(self, token: str) -> None:
        await self._over_the_line("detach", lambda: SandboxGateway.detach_method(self, token))

    async def _over_the_line(self, what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if self.faults.strike(f"{what} not sent"):
            raise NotSent(what)
        if self.faults.strike(f"{what} lost"):
            raise TimeoutError(what)
        answer = await call()
        if self.faults.strike(f"{what} done, and no answer"):
            raise TimeoutError(what)
        return answer


class FaultyTodos:
    """The queue of reactions, when the database does not answer."""

    def __init__(self, queue: Any, faults: Faults) -> None:
        self._queue = queue
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    async def lease(self, **given: Any) -> Any:
        if self._faults.strike("todos not leased"):
            raise TransientFailure("not leased")
        return await self._queue.lease(**given)

    async def release(self, todo: Todo, **given: Any) -> None:
        if self._faults.strike("todo not released"):
            raise Unavailable(what="database", retry_after=1)
        await self._queue.release(todo, **given)


class BadNights:
    """Nights that are missed, last for days, or see every job twice; then calm ones, for what is left.

    Nothing goes wrong before the first one, as the market is opened then.
    """

    def __init__(self, *, container: Container, time: PassingTime, faults: Faults) -> None:
        self._container = container
        self._time = time
        self._faults = faults
        self._missed = 0

    async def pass_over(self) -> None:
        """One night, or none."""
        random, faults = self._faults.random, self._faults
        faults.is_calm = False
        if self._missed > 0:
            self._missed -= 1
            return
        if random.random() < 0.05:
            self._missed = random.randrange(1, 6)
            faults.happened["nights missed"] += self._missed
        if random.random() < 0.01:
            self._time.pass_by(timedelta(hours=random.randrange(1, 24 * 12)))
            faults.happened["time jumped"] += 1
        await self._work(2 if random.random() < 0.2 else 1)

    async def settle(self, nights: int) -> None:
        """Nothing goes wrong any more."""
        self._faults.is_calm = True
        for _ in range(nights):
            await self._container.todo_queue.revive(now=self._time.now())
            for _ in range(6):
                self._time.pass_by(4 * HOUR)
                await self._work(1)

    async def _work(self, times: int) -> None:
        await self._bear(self._container.relay.drain)
        for job in self._container.scheduling.jobs:
            if job.name != "audit.seal":
                for _ in range(times):
                    await self._bear(job.run)
        await self._bear(self._container.relay.drain)

    async def _bear(self, work: Callable[[], Awaitable[object]]) -> None:
        """What the scheduler and the relay do: whatever fails is left for the next time."""
        try:
            await work()
        except (MultiproductError, TransientFailure, TimeoutError) as error:
            if self._faults.is_calm:
                raise
            self._faults.happened[f"job ended by {type(error).__name__}"] += 1


def quiet_logs() -> None:
    """Every fault would be logged, thousands of them."""
    logging.getLogger("multiproduct").setLevel(logging.CRITICAL)
