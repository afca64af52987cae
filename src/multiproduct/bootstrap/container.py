"""Everything of one installation in one process, opened and closed together."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.jwt import JwtAccessTokens
from multiproduct.adapters.mailbox import DevelopmentMailbox
from multiproduct.adapters.memory import MemoryRateLimiter
from multiproduct.adapters.stdlib import OffsetClock
from multiproduct.application.caching import Forgetting
from multiproduct.application.dispatching import Dispatching
from multiproduct.application.notifications import Brand
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.previewing import Previewing
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.clock_offset import ClockOffset
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.todos import TodoQueue
from multiproduct.application.ports.unit_of_work import TransientFailure, Units
from multiproduct.application.relaying import Relaying
from multiproduct.application.scheduling import Scheduling
from multiproduct.application.throttling import Throttle
from multiproduct.domain.shared import Unavailable
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.adapters.dramatiq import TodoBroker

from multiproduct.bootstrap.contexts import Contexts
from multiproduct.bootstrap.parts import Role, Shared, Store


class NotMigrated(RuntimeError):
    """The database has not the tables of this version."""

    def __init__(self) -> None:
        super().__init__(
            "the database has not the tables of this version: run `multiproduct migrate`, or in a program "
            "call migrate() before opening"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Contexts):
    """Everything of one installation in one process. Opens nothing before `start`."""

    settings: Settings
    role: Role
    store: Store
    shared: Shared
    clock: Clock
    real_time: RealTime
    ids: Ids
    randomness: Randomness
    translator: BabelTranslator
    access_tokens: JwtAccessTokens
    throttle: Throttle
    local_limiter: MemoryRateLimiter
    forgetting: Forgetting
    units: Units[Any]
    previewing: Previewing
    dispatching: Dispatching
    relay: Relaying
    broker: "TodoBroker | None"
    scheduling: Scheduling
    mailbox: DevelopmentMailbox | None
    brand: Brand
    links: Links
    joined_container: Callable[["Container", Any], "Container"]
    close_parts: Callable[[], Awaitable[None]]

    @property
    def todo_queue(self) -> TodoQueue:
        """The work that commits left behind."""
        return self.store.todo_queue

    @property
    def clock_offset(self) -> ClockOffset:
        """Where the test clock's offset is kept."""
        return self.store.clock_offset

    async def require_migrated(self) -> None:
        """Raises NotMigrated where the database has not the tables of this version, Unavailable where it
        cannot be reached."""
        await self.store.ping()
        if not await self.store.is_migrated():
            raise NotMigrated

    async def start(self) -> None:
        """Opens what is shared and starts the loops that this process' role asks for. What was opened before
        something fails is closed again."""
        try:
            await self.refresh_clock()
            await self.shared.start()
            if self._runs_reactions:
                await self.relay.start()
                await self.webhooks.sending.start()
            if self._runs_jobs:
                await self.scheduling.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops the loops, lets what is under way finish, and closes every connection: each part, also when
        another one fails to."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.store.close)
            closing.push_async_callback(self.close_parts)
            closing.push_async_callback(self.shared.stop)
            closing.push_async_callback(self.forgetting.settle)
            if self.translation.translating.filling is not None:
                closing.push_async_callback(self.translation.translating.filling.stop)
            closing.push_async_callback(self.webhooks.sending.stop)
            closing.push_async_callback(self.relay.stop)
            closing.push_async_callback(self.scheduling.stop)

    async def refresh_clock(self) -> None:
        """Reads the test clock's offset, where the test clock is on."""
        if isinstance(self.clock, OffsetClock):
            await self.clock.refresh()

    async def health(self) -> dict[str, str]:
        """The state of each part: `ok`, or what is wrong. Redis is reported only where it is used."""
        parts = {"database": await _state(self.store.ping)}
        if self.settings.redis_url:
            parts["redis"] = await _state(self.shared.ping)
        if parts["database"] == "ok":
            parts["migrations"] = "ok" if await self.store.is_migrated() else "missing"
        if parts.get("migrations") == "ok":
            backlog = await self.todo_queue.backlog(now=self.real_time.now())
            parts["outbox"] = f"{backlog.open} open, {backlog.dead} dead"
        return parts

    def joined(self, connection: Any) -> "Container":
        """The same use cases on units inside a host's transaction. Not to be started or stopped."""
        return self.joined_container(self, connection)

    @property
    def _runs_reactions(self) -> bool:
        return self.role is Role.WORKER or (self.role is Role.SERVER and self.settings.works_inline)

    @property
    def _runs_jobs(self) -> bool:
        return self.role is Role.SCHEDULER or (self.role is Role.SERVER and self.settings.works_inline)


async def _state(check: Callable[[], Awaitable[None]]) -> str:
    try:
        await check()
    except (Unavailable, TransientFailure, OSError) as error:
        return f"unavailable: {type(error).__name__}"
    return "ok"
