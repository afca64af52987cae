"""The store: every table of one installation, and the turns that writers take."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.adapters.memory.billing import BillingStage, BillingTables
from multiproduct.adapters.memory.catalog import CatalogStage, CatalogTables
from multiproduct.adapters.memory.identity_tables import IdentityStage, IdentityTables
from multiproduct.adapters.memory.inbox import InboxStage, InboxTables
from multiproduct.adapters.memory.ledger import LedgerStage, LedgerTables
from multiproduct.adapters.memory.notification_keeping import (
    NotificationKeepingStage,
    NotificationKeepingTables,
)
from multiproduct.adapters.memory.payments import PaymentsStage, PaymentsTables
from multiproduct.adapters.memory.push_devices import push_device_table
from multiproduct.adapters.memory.subscriptions import SubscriptionStage, SubscriptionTables
from multiproduct.adapters.memory.tables import (
    OnStage,
    OpenedTables,
    Table,
    as_it_is,
    copied,
    copied_but,
    json_copy,
)
from multiproduct.adapters.memory.translation import TranslationStage, TranslationTables
from multiproduct.adapters.memory.webhooks import WebhookStage, WebhookTables
from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.made_once import made_once
from multiproduct.application.notifications.deliveries import Delivery
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.jobs import JobRun
from multiproduct.application.ports.todos import LoggedEvent, Todo, TodoKey
from multiproduct.domain.audit import ChainHead
from multiproduct.domain.otp import Challenge, GuessBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoRow:
    """A reaction that is owed. Its lease is over when `leased_until` is past or None."""

    key: TodoKey
    due_at: datetime
    attempts: int = 0
    leased_until: datetime | None = None
    buried_at: datetime | None = None
    last_error: str | None = None

    def can_be_leased(self, *, now: datetime) -> bool:
        """Whether it is due and nobody is at it."""
        is_free = self.leased_until is None or self.leased_until <= now
        return self.buried_at is None and self.due_at <= now and is_free

    def is_leased_as(self, todo: Todo) -> bool:
        """Whether this lease is the present one."""
        return (self.attempts, self.leased_until) == (todo.attempts, todo.leased_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A scheduled job with its lease."""

    run: JobRun
    leased_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRow:
    """What an audit entry got when it was sealed; `erased` takes the place of the salt."""

    id: UUID
    sequence: int
    hash: bytes
    salt: bytes | None
    version: int
    erased: bytes | None = None


class WriterTurns:
    """One writer at a time. The store belongs to the loop that runs; after its end another may have it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    async def take(self) -> None:
        """Waits for the turn. Raises RuntimeError where that could never end well."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None and self._lock.locked() and not self._loop.is_closed():
                raise RuntimeError("the store is being written from another event loop")
            self._loop, self._lock, self._holder = loop, asyncio.Lock(), None
        task = asyncio.current_task()
        if task is not None and task is self._holder:
            raise RuntimeError("this task has a unit open already and would wait for itself for ever")
        await self._lock.acquire()
        self._holder = task

    def give_back(self) -> None:
        """Lets the next writer begin."""
        self._holder = None
        self._lock.release()


class MemoryStore:
    """What an installation keeps when it keeps it in the memory of one process.

    New todos are due by `real_time`. Nothing is removed from the audit log unless `audit_kept` says how many
    entries are kept at most, so a process that lives long and writes much wants that, or another store.
    """

    clock_offset = timedelta()
    _last_position = 0

    def __init__(self, *, real_time: RealTime, audit_kept: int | None = None) -> None:
        self.real_time = real_time
        self.turns = WriterTurns()
        self.challenges: Table[UUID, Challenge] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"subject": lambda row: (row.purpose, row.subject)},
        )
        self.guess_budgets: Table[str, GuessBudget] = Table(key=lambda row: row.key, copy=replace)
        self.identity = IdentityTables()
        self.idempotency: Table[tuple[str, str], IdempotencyRecord] = Table(
            key=lambda row: (row.scope, row.key), copy=_idempotency_copy
        )
        self.deliveries: Table[UUID, Delivery] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "owed": lambda row: (row.event_position, row.recipient_key, row.type_key, row.channel),
                "user": lambda row: row.user_id,
            },
        )
        self.billing = BillingTables()
        self.catalog = CatalogTables()
        self.subscriptions = SubscriptionTables()
        self.audit: Table[UUID, AuditEntry] = Table(key=lambda row: row.id, copy=_audit_copy, most=audit_kept)
        self.audit_seals: Table[UUID, SealRow] = Table(key=lambda row: row.id, copy=as_it_is)
        self.audit_head: Table[int, ChainHead] = Table(key=lambda _row: 1, copy=as_it_is)
        self.events: Table[int, LoggedEvent] = Table(
            key=lambda row: row.position, copy=copied_but("fields", json_copy)
        )
        self.todos: Table[TodoKey, TodoRow] = Table(key=lambda row: row.key, copy=as_it_is)
        self.payments = PaymentsTables()
        self.ledger = LedgerTables()
        self.inbox = InboxTables()
        self.webhooks = WebhookTables()
        self.translation = TranslationTables()
        self.push_devices = push_device_table()
        self.notification_keeping = NotificationKeepingTables()
        self.jobs: dict[str, JobRow] = {}

    def next_position(self) -> int:
        """The place of the next event in the log. Places of units that were undone stay empty."""
        self._last_position += 1
        return self._last_position


class Stage(OpenedTables):
    """Every table as one unit sees it."""

    challenges = OnStage(MemoryStore, lambda store: store.challenges)
    guess_budgets = OnStage(MemoryStore, lambda store: store.guess_budgets)
    idempotency = OnStage(MemoryStore, lambda store: store.idempotency)
    deliveries = OnStage(MemoryStore, lambda store: store.deliveries)
    push_devices = OnStage(MemoryStore, lambda store: store.push_devices)
    audit = OnStage(MemoryStore, lambda store: store.audit)
    audit_seals = OnStage(MemoryStore, lambda store: store.audit_seals)
    audit_head = OnStage(MemoryStore, lambda store: store.audit_head)
    events = OnStage(MemoryStore, lambda store: store.events)
    todos = OnStage(MemoryStore, lambda store: store.todos)

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store, [])
        self._store = store

    @made_once
    def identity(self) -> IdentityStage:
        return IdentityStage(self._store.identity, self.opened)

    @made_once
    def billing(self) -> BillingStage:
        return BillingStage(self._store.billing, self.opened)

    @made_once
    def catalog(self) -> CatalogStage:
        return CatalogStage(self._store.catalog, self.opened)

    @made_once
    def subscriptions(self) -> SubscriptionStage:
        return SubscriptionStage(self._store.subscriptions, self.opened)

    @made_once
    def inbox(self) -> InboxStage:
        return InboxStage(self._store.inbox, self.opened)

    @made_once
    def ledger(self) -> LedgerStage:
        return LedgerStage(self._store.ledger, self.opened)

    @made_once
    def webhooks(self) -> WebhookStage:
        return WebhookStage(self._store.webhooks, self.opened)

    @made_once
    def translation(self) -> TranslationStage:
        return TranslationStage(self._store.translation, self.opened)

    @made_once
    def notification_keeping(self) -> NotificationKeepingStage:
        return NotificationKeepingStage(self._store.notification_keeping, self.opened)

    @made_once
    def payments(self) -> PaymentsStage:
        return PaymentsStage(self._store.payments, self.opened)

    def apply(self) -> None:
        """Makes everything written permanent, in one step that nothing on the loop can come between."""
        for staged in self.opened:
            staged.apply()


def _idempotency_copy(record: IdempotencyRecord) -> IdempotencyRecord:
    return record if record.answer is None else replace(record, answer=json_copy(record.answer))


def _audit_copy(entry: AuditEntry) -> AuditEntry:
    made = copied(entry)
    object.__setattr__(made, "changes", json_copy(entry.changes))
    object.__setattr__(made, "metadata", json_copy(entry.metadata))
    return made
