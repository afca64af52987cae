"""The store: every table of one installation, and the turns that writers take."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.adapters.memory.billing import BillingStage, BillingTables
from multiproduct.adapters.memory.catalog import CatalogStage, CatalogTables
from multiproduct.adapters.memory.identity_social import SocialNonce, SocialUnlink, UnlinkKey
from multiproduct.adapters.memory.ledger import LedgerStage, LedgerTables
from multiproduct.adapters.memory.payments import PaymentsStage, PaymentsTables
from multiproduct.adapters.memory.subscriptions import SubscriptionStage, SubscriptionTables
from multiproduct.adapters.memory.tables import Staged, Table, as_it_is, json_copy
from multiproduct.adapters.memory.webhooks import WebhookStage, WebhookTables
from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.notifications.deliveries import Delivery
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.jobs import JobRun
from multiproduct.application.ports.todos import LoggedEvent, Todo, TodoKey
from multiproduct.domain.audit import ChainHead
from multiproduct.domain.identity import (
    CeremonyChallenge,
    Consent,
    ContactChange,
    DeviceKey,
    Document,
    Invitation,
    Passkey,
    PendingRegistration,
    PendingSignIn,
    Picture,
    RecoveryCode,
    Role,
    RoleAssignment,
    Session,
    SignInFailures,
    SmsFactor,
    SocialAccount,
    SocialState,
    TotpFactor,
    User,
)
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

    def __init__(self, *, real_time: RealTime, audit_kept: int | None = None) -> None:
        self.real_time = real_time
        self.turns = WriterTurns()
        self.challenges: Table[UUID, Challenge] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"subject": lambda row: (row.purpose, row.subject)},
        )
        self.guess_budgets: Table[str, GuessBudget] = Table(key=lambda row: row.key, copy=replace)
        self.users: Table[UUID, User] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "username": lambda row: row.username.key,
                "email": lambda row: row.email.key if row.email else None,
                "phone": lambda row: row.phone.key if row.phone else None,
            },
        )
        self.pending_registrations: Table[UUID, PendingRegistration] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "email": lambda row: row.email.key if row.email else None,
                "phone": lambda row: row.phone.key if row.phone else None,
            },
        )
        self.sessions: Table[UUID, Session] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.roles: Table[UUID, Role] = Table(
            key=lambda row: row.id, copy=replace, indexes={"key": lambda row: row.key}
        )
        for role in beginning_roles():
            self.roles.put(role)
        self.role_assignments: Table[tuple[UUID, UUID, str], RoleAssignment] = Table(
            key=lambda row: (row.user_id, row.role_id, row.scope),
            copy=replace,
            indexes={"user": lambda row: row.user_id, "role": lambda row: row.role_id},
        )
        self.passkeys: Table[UUID, Passkey] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"credential": lambda row: row.credential_id, "user": lambda row: row.user_id},
        )
        self.device_keys: Table[UUID, DeviceKey] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"key": lambda row: row.key_id, "user": lambda row: row.user_id},
        )
        self.device_key_sessions: Table[UUID, tuple[UUID, UUID]] = Table(
            key=lambda row: row[0], copy=as_it_is, indexes={"key": lambda row: row[1]}
        )
        self.ceremony_challenges: Table[UUID, CeremonyChallenge] = Table(
            key=lambda row: row.id, copy=as_it_is
        )
        self.social_accounts: Table[UUID, SocialAccount] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"subject": lambda row: (row.issuer, row.subject), "user": lambda row: row.user_id},
        )
        self.social_states: Table[str, SocialState] = Table(key=lambda row: row.state_hash, copy=as_it_is)
        self.social_nonces: Table[str, SocialNonce] = Table(key=lambda row: row.nonce_hash, copy=as_it_is)
        self.social_unlinks: Table[UnlinkKey, SocialUnlink] = Table(
            key=lambda row: (row.issuer, row.subject, row.user_id), copy=as_it_is
        )
        self.sign_in_failures: Table[str, SignInFailures] = Table(key=lambda row: row.key, copy=replace)
        self.totp_factors: Table[UUID, TotpFactor] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.recovery_codes: Table[UUID, RecoveryCode] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.sms_factors: Table[UUID, SmsFactor] = Table(key=lambda row: row.user_id, copy=replace)
        self.pending_sign_ins: Table[UUID, PendingSignIn] = Table(key=lambda row: row.id, copy=replace)
        self.contact_changes: Table[UUID, ContactChange] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"open": lambda row: (row.user_id, row.kind) if row.closed_at is None else None},
        )
        self.documents: Table[UUID, Document] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.removed_documents: Table[UUID, UUID] = Table(key=lambda row: row, copy=as_it_is)
        self.consents: Table[UUID, Consent] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.pictures: Table[UUID, Picture] = Table(key=lambda row: row.id, copy=as_it_is)
        self.invitations: Table[UUID, Invitation] = Table(
            key=lambda row: row.id, copy=replace, indexes={"email": lambda row: row.email.key}
        )
        self.username_tombstones: Table[str, tuple[str, datetime | None]] = Table(
            key=lambda row: row[0], copy=as_it_is
        )
        self.bank_details: Table[UUID, SealedRecord] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.farewells: Table[UUID, SealedRecord] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.idempotency: Table[tuple[str, str], IdempotencyRecord] = Table(
            key=lambda row: (row.scope, row.key), copy=_idempotency_copy
        )
        self.deliveries: Table[UUID, Delivery] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "owed": lambda row: (row.event_position, row.channel),
                "user": lambda row: row.user_id,
            },
        )
        self.billing = BillingTables()
        self.catalog = CatalogTables()
        self.subscriptions = SubscriptionTables()
        self.audit: Table[UUID, AuditEntry] = Table(key=lambda row: row.id, copy=_audit_copy, most=audit_kept)
        self.audit_seals: Table[UUID, SealRow] = Table(key=lambda row: row.id, copy=as_it_is)
        self.audit_head: Table[int, ChainHead] = Table(key=lambda _row: 1, copy=as_it_is)
        self.events: Table[int, LoggedEvent] = Table(key=lambda row: row.position, copy=_event_copy)
        self.todos: Table[TodoKey, TodoRow] = Table(key=lambda row: row.key, copy=as_it_is)
        self.payments = PaymentsTables()
        self.ledger = LedgerTables()
        self.webhooks = WebhookTables()
        self.jobs: dict[str, JobRow] = {}
        self.clock_offset = timedelta()
        self._last_position = 0

    def next_position(self) -> int:
        """The place of the next event in the log. Places of units that were undone stay empty."""
        self._last_position += 1
        return self._last_position


class Stage:
    """Every table as one unit sees it."""

    def __init__(self, store: MemoryStore) -> None:
        self.challenges = Staged(store.challenges)
        self.guess_budgets = Staged(store.guess_budgets)
        self.users = Staged(store.users)
        self.pending_registrations = Staged(store.pending_registrations)
        self.sessions = Staged(store.sessions)
        self.roles = Staged(store.roles)
        self.role_assignments = Staged(store.role_assignments)
        self.passkeys = Staged(store.passkeys)
        self.device_keys = Staged(store.device_keys)
        self.device_key_sessions = Staged(store.device_key_sessions)
        self.ceremony_challenges = Staged(store.ceremony_challenges)
        self.social_accounts = Staged(store.social_accounts)
        self.social_states = Staged(store.social_states)
        self.social_nonces = Staged(store.social_nonces)
        self.social_unlinks = Staged(store.social_unlinks)
        self.sign_in_failures = Staged(store.sign_in_failures)
        self.totp_factors = Staged(store.totp_factors)
        self.recovery_codes = Staged(store.recovery_codes)
        self.sms_factors = Staged(store.sms_factors)
        self.pending_sign_ins = Staged(store.pending_sign_ins)
        self.contact_changes = Staged(store.contact_changes)
        self.documents = Staged(store.documents)
        self.removed_documents = Staged(store.removed_documents)
        self.consents = Staged(store.consents)
        self.pictures = Staged(store.pictures)
        self.invitations = Staged(store.invitations)
        self.username_tombstones = Staged(store.username_tombstones)
        self.bank_details = Staged(store.bank_details)
        self.farewells = Staged(store.farewells)
        self.idempotency = Staged(store.idempotency)
        self.deliveries = Staged(store.deliveries)
        self.billing = BillingStage(store.billing)
        self.catalog = CatalogStage(store.catalog)
        self.subscriptions = SubscriptionStage(store.subscriptions)
        self.audit = Staged(store.audit)
        self.audit_seals = Staged(store.audit_seals)
        self.audit_head = Staged(store.audit_head)
        self.events = Staged(store.events)
        self.todos = Staged(store.todos)
        self.ledger = LedgerStage(store.ledger)
        self.webhooks = WebhookStage(store.webhooks)
        self.payments = PaymentsStage(store.payments)

    def apply(self) -> None:
        """Makes everything written permanent, in one step that nothing on the loop can come between."""
        for staged in (
            self.challenges,
            self.guess_budgets,
            self.users,
            self.pending_registrations,
            self.sessions,
            self.roles,
            self.role_assignments,
            self.passkeys,
            self.device_keys,
            self.device_key_sessions,
            self.ceremony_challenges,
            self.social_accounts,
            self.social_states,
            self.social_nonces,
            self.social_unlinks,
            self.sign_in_failures,
            self.totp_factors,
            self.recovery_codes,
            self.sms_factors,
            self.pending_sign_ins,
            self.contact_changes,
            self.documents,
            self.removed_documents,
            self.consents,
            self.pictures,
            self.invitations,
            self.username_tombstones,
            self.bank_details,
            self.farewells,
            self.idempotency,
            self.deliveries,
            self.billing,
            self.catalog,
            self.subscriptions,
            self.audit,
            self.audit_seals,
            self.audit_head,
            self.events,
            self.todos,
            self.payments,
        ):
            staged.apply()
        self.ledger.apply()
        self.webhooks.apply()


def _idempotency_copy(record: IdempotencyRecord) -> IdempotencyRecord:
    return record if record.answer is None else replace(record, answer=json_copy(record.answer))


def _audit_copy(entry: AuditEntry) -> AuditEntry:
    if not entry.changes and not entry.metadata:
        return replace(entry, changes={}, metadata={})
    return replace(entry, changes=json_copy(entry.changes), metadata=json_copy(entry.metadata))


def _event_copy(event: LoggedEvent) -> LoggedEvent:
    return replace(event, fields=json_copy(event.fields))
