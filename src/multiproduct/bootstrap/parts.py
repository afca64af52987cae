"""The parts that a process is put together from: what each must offer, and which the settings name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.memory import MemoryInvalidations, MemoryRateLimiter, MemorySharedCache
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.committing import Surroundings
from multiproduct.application.files import Images, ObjectStorage
from multiproduct.application.identity import FileScanner
from multiproduct.application.notifications import Brand, MailRenderer, RenderedMail, RenderedNotice
from multiproduct.application.payments import Gateways
from multiproduct.application.payments.sandbox_books import SandboxBooks
from multiproduct.application.ports.breaches import BreachedPasswords
from multiproduct.application.ports.cache import Invalidations, SharedCache
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.clock_offset import ClockOffset
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.jobs import JobLedger
from multiproduct.application.ports.mailer import Mailer
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.rate_limiter import RateLimiter
from multiproduct.application.ports.texter import Texter
from multiproduct.application.ports.todos import TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.ports.web_client import WebClient
from multiproduct.application.relaying import HandOver
from multiproduct.application.throttling import Scope
from multiproduct.application.translation import TranslationProvider
from multiproduct.application.webhooks import Receivers
from multiproduct.bootstrap.listeners import Listener
from multiproduct.settings import Settings

MEMORY_URL = "memory://"


class Store(Protocol):
    """What a database adapter brings along."""

    @property
    def todo_queue(self) -> TodoQueue: ...
    @property
    def job_ledger(self) -> JobLedger: ...
    @property
    def clock_offset(self) -> ClockOffset: ...
    @property
    def sandbox_books(self) -> SandboxBooks: ...
    def units(self, surroundings: Surroundings) -> Any: ...
    async def ping(self) -> None: ...
    async def is_migrated(self) -> bool: ...
    async def close(self) -> None: ...


class Shared(Protocol):
    """What processes share besides the database: in Redis, or only within this process."""

    @property
    def cache(self) -> SharedCache: ...
    @property
    def invalidations(self) -> Invalidations: ...
    @property
    def limiter(self) -> RateLimiter: ...
    async def start(self) -> None: ...
    async def ping(self) -> None: ...
    async def stop(self) -> None: ...


class Role(StrEnum):
    """What a process is for, which decides what runs in it besides what it is asked."""

    SERVER = "server"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Parts of your own in place of those that the settings name. What is None is built as usual. Deferred
    reactions whose names begin with one of `unheard` are left out, such as `webhooks.`; `listeners` are your
    own."""

    store: Store | None = None
    clock: Clock | None = None
    real_time: RealTime | None = None
    ids: Ids | None = None
    randomness: Randomness | None = None
    mailer: Mailer | None = None
    texter: Texter | None = None
    renderer: MailRenderer | None = None
    hasher: PasswordHasher | None = None
    breaches: BreachedPasswords | None = None
    web: WebClient | None = None
    receivers: Receivers | None = None
    push_web: WebClient | None = None
    push_receivers: Receivers | None = None
    images: Images | None = None
    storage: ObjectStorage | None = None
    scanner: FileScanner | None = None
    gateways: Gateways | None = None
    translation_provider: TranslationProvider | None = None
    limiter: RateLimiter | None = None
    hand_over: HandOver | None = None
    unheard: tuple[str, ...] = ()
    listeners: Sequence[Listener[Any]] = ()
    wrap_units: Callable[[Units[Any]], Units[Any]] | None = None


class LateRenderer:
    """Compiles the mail templates when the first mail is worded: most processes word none."""

    def __init__(self, *, translator: BabelTranslator, brand: Brand) -> None:
        self._translator = translator
        self._brand = brand
        self._renderer: MailRenderer | None = None

    def render(
        self,
        type_key: str,
        *,
        locale: str,
        params: Mapping[str, str | int],
        unsubscribe_url: str | None = None,
    ) -> RenderedMail:
        return self._made().render(type_key, locale=locale, params=params, unsubscribe_url=unsubscribe_url)

    def notice(self, type_key: str, *, locale: str, params: Mapping[str, str | int]) -> RenderedNotice:
        return self._made().notice(type_key, locale=locale, params=params)

    def _made(self) -> MailRenderer:
        if self._renderer is None:
            from multiproduct.adapters.jinja2 import JinjaMailRenderer  # noqa: PLC0415 - see above

            self._renderer = JinjaMailRenderer(translator=self._translator, brand=self._brand)
        return self._renderer


class InProcess:
    """Nothing is shared: one process is the whole installation."""

    def __init__(self, real_time: RealTime, limiter: MemoryRateLimiter) -> None:
        self.cache: SharedCache = MemorySharedCache(real_time=real_time)
        self.invalidations: Invalidations = MemoryInvalidations()
        self.limiter: RateLimiter = limiter

    async def start(self) -> None:
        """Nothing to open."""

    async def ping(self) -> None:
        """Always there."""

    async def stop(self) -> None:
        """Nothing to close."""


def store_of(settings: Settings, real_time: RealTime | None = None) -> Store:
    if settings.database_url == MEMORY_URL:
        from multiproduct.adapters.memory import MemoryDatabase  # noqa: PLC0415 - only where it is used

        return MemoryDatabase(real_time=real_time or SystemRealTime())
    from multiproduct.adapters.sql import PostgresSettings, SqlStore  # noqa: PLC0415 - only where it is used

    postgres = PostgresSettings(pool_size=settings.database_pool_size)
    return SqlStore(settings.database_url, postgres=postgres)


def shared_of(
    settings: Settings,
    real_time: RealTime,
    local: MemoryRateLimiter,
    scopes: Mapping[str, Scope],
) -> Shared:
    if settings.redis_url is None:
        return InProcess(real_time, local)
    from multiproduct.adapters.redis import RedisShared  # noqa: PLC0415 - only where it is used

    username_check = tuple(rule.limit for rule in scopes["username_check"].anonymous)
    return RedisShared(
        settings.redis_url, local=local, log=local, shared_limits=username_check, real_time=real_time
    )
