"""Units of work on a database, of one's own or within a host's transaction."""

from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncConnection

from multiproduct.adapters.sql.audit import WRITE_AUDIT, SqlAuditTrail, audit_row
from multiproduct.adapters.sql.audit_chain import SqlAuditChain
from multiproduct.adapters.sql.commerce_repositories import SqlCommerceRepositories
from multiproduct.adapters.sql.happenings import log_at_once
from multiproduct.adapters.sql.idempotency import SqlIdempotencyRecords
from multiproduct.adapters.sql.identity_repositories import SqlIdentityRepositories
from multiproduct.adapters.sql.inbox import SqlInboxEntries, SqlStreamTickets
from multiproduct.adapters.sql.joining import Joint
from multiproduct.adapters.sql.lanes import Database
from multiproduct.adapters.sql.ledger_memory import AccountMemory
from multiproduct.adapters.sql.notification_keeping import (
    SqlDigests,
    SqlNotificationSettings,
    SqlPreferences,
    SqlSuppressions,
)
from multiproduct.adapters.sql.notifications import SqlDeliveries
from multiproduct.adapters.sql.push_devices import SqlPushDevices
from multiproduct.adapters.sql.sealed_rows import SqlSealedRows
from multiproduct.adapters.sql.tables.administration import bank_details, farewells
from multiproduct.adapters.sql.tables.payments import payment_methods
from multiproduct.adapters.sql.tables.push_devices import push_devices
from multiproduct.adapters.sql.tables.second_factors import recovery_codes, totp_factors
from multiproduct.adapters.sql.tables.webhooks import webhook_secrets
from multiproduct.adapters.sql.todos import SqlTodoCompletion, log_events
from multiproduct.adapters.sql.translations import SqlGlossaryTerms, SqlHumanTranslations
from multiproduct.adapters.sql.webhook_messages import SqlWebhookMessages
from multiproduct.adapters.sql.webhooks import SqlWebhookEndpoints
from multiproduct.application.caller import Caller
from multiproduct.application.committing import NewEvent, Surroundings
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.made_once import made_once
from multiproduct.application.notifications.push_tokens import of_push_token
from multiproduct.application.payments.sealed_purposes import of_method_token
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.unit_of_work import JoinRefused
from multiproduct.application.webhooks.sealed_purposes import of_secret


class SqlUnit(SqlIdentityRepositories, SqlCommerceRepositories):
    """A transaction with every repository there is."""

    @made_once
    def idempotency(self) -> SqlIdempotencyRecords:
        return SqlIdempotencyRecords(self._lane)

    @made_once
    def webhook_endpoints(self) -> SqlWebhookEndpoints:
        return SqlWebhookEndpoints(self._lane, self.track)

    @made_once
    def webhook_messages(self) -> SqlWebhookMessages:
        return SqlWebhookMessages(self._lane)

    @made_once
    def push_devices(self) -> SqlPushDevices:
        return SqlPushDevices(self._lane, self.track)

    @made_once
    def todos(self) -> SqlTodoCompletion:
        return SqlTodoCompletion(self._lane)

    @made_once
    def audit_trail(self) -> SqlAuditTrail:
        return SqlAuditTrail(self._lane)

    @made_once
    def audit_chain(self) -> SqlAuditChain:
        return SqlAuditChain(self._lane)

    @made_once
    def human_translations(self) -> SqlHumanTranslations:
        return SqlHumanTranslations(self._lane, self.track)

    @made_once
    def glossary_terms(self) -> SqlGlossaryTerms:
        return SqlGlossaryTerms(self._lane, self.track)

    @made_once
    def inbox(self) -> SqlInboxEntries:
        return SqlInboxEntries(self._lane)

    @made_once
    def stream_tickets(self) -> SqlStreamTickets:
        return SqlStreamTickets(self._lane)

    @made_once
    def deliveries(self) -> SqlDeliveries:
        return SqlDeliveries(self._lane)

    @made_once
    def notification_preferences(self) -> SqlPreferences:
        return SqlPreferences(self._lane)

    @made_once
    def notification_settings(self) -> SqlNotificationSettings:
        return SqlNotificationSettings(self._lane)

    @made_once
    def notification_digests(self) -> SqlDigests:
        return SqlDigests(self._lane)

    @made_once
    def suppressions(self) -> SqlSuppressions:
        return SqlSuppressions(self._lane)

    @property
    def sealed_rows(self) -> dict[str, SqlSealedRows]:
        """Everything that is sealed, by its table."""
        lane = self._lane
        return {
            "totp_factors": SqlSealedRows(lane, totp_factors.c.sealed_secret, sealed_purposes.of_totp_secret),
            "bank_details": SqlSealedRows(lane, bank_details.c.sealed, sealed_purposes.of_bank_details),
            "farewells": SqlSealedRows(lane, farewells.c.sealed, sealed_purposes.of_farewell),
            "push_devices": SqlSealedRows(lane, push_devices.c.sealed, of_push_token),
            "webhook_secrets": SqlSealedRows(lane, webhook_secrets.c.sealed, of_secret),
            "payment_methods": SqlSealedRows(lane, payment_methods.c.sealed_token, of_method_token),
            "recovery_codes": SqlSealedRows(
                lane, recovery_codes.c.sealed_digest, sealed_purposes.of_recovery_digest
            ),
        }

    async def _begin(self) -> None:
        """The lane begins the transaction with the first statement."""

    async def _log(self, events: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
        if self._lane.dialect == "postgresql":
            await log_at_once(self._lane, events, audit)
            return
        await log_events(self._lane, events)
        await self._lane.run(WRITE_AUDIT, [audit_row(entry) for entry in audit])

    async def _make_permanent(self) -> None:
        await self._lane.commit()

    async def _end(self, *, committed: bool) -> None:
        await self._lane.end(committed=committed)


class SqlView(SqlUnit):
    """A unit whose lane refuses to write."""

    async def commit(self) -> None:
        """A view has nothing to commit. Raises RuntimeError."""
        raise RuntimeError("a view cannot be committed")


class SqlUnits:
    """The `Units` port."""

    def __init__(self, *, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings
        self._account_memory = AccountMemory()

    def open(self, caller: Caller) -> SqlUnit:
        """A unit that may write."""
        return SqlUnit(
            lane=self._database.unit_lane(),
            caller=caller,
            surroundings=self._surroundings,
            account_memory=self._account_memory,
        )

    def open_alone(self, caller: Caller) -> SqlUnit:
        """A unit that may write, and is never part of somebody else's transaction."""
        return self.open(caller)

    def view(self, caller: Caller) -> SqlUnit:
        """A unit that only reads what is committed."""
        return SqlView(
            lane=self._database.view_lane(),
            caller=caller,
            surroundings=self._surroundings,
            account_memory=self._account_memory,
        )

    def join(self, connection: AsyncConnection) -> "JoinedUnits":
        """Units inside the transaction of a host's open connection to the same database."""
        return JoinedUnits(connection=connection, surroundings=self._surroundings)


class JoinedUnits:
    """The `Units` port within a host's transaction, which alone decides whether anything becomes permanent.

    Each unit is a savepoint: leaving it without commit undoes just the unit. Units on one connection take
    turns. Views read on the host's connection, so that they see what the host and earlier units wrote.
    """

    def __init__(self, *, connection: AsyncConnection, surroundings: Surroundings) -> None:
        self._joint = Joint(connection)
        # Of its own: the host may undo the accounts that are read here.
        self._account_memory = AccountMemory()
        self._outer = surroundings
        self._inner = Surroundings(
            reactions=surroundings.reactions,
            events=surroundings.events,
            ids=surroundings.ids,
            committed=self._keep,
            witnessed=self._remember,
            now=surroundings.now,
        )
        self._has_todos = False
        self._forgotten: frozenset[str] = frozenset()
        self._audited: list[AuditEntry] = []

    def open(self, caller: Caller) -> SqlUnit:
        """A unit that may write."""
        return SqlUnit(
            lane=self._joint.unit_lane(),
            caller=caller,
            surroundings=self._inner,
            account_memory=self._account_memory,
        )

    def open_alone(self, caller: Caller) -> NoReturn:
        """Raises JoinRefused: the host could roll back the mark that the use case must leave."""
        del caller
        raise JoinRefused

    def view(self, caller: Caller) -> SqlUnit:
        """A unit that is asked to read only."""
        return SqlView(
            lane=self._joint.view_lane(),
            caller=caller,
            surroundings=self._inner,
            account_memory=self._account_memory,
        )

    def host_committed(self) -> None:
        """To be called by the host after its commit: reactions start at once, stale cache entries go, and the
        security log hears of it.

        Without the call, reactions start when the relay next looks, caches keep what they have until it
        expires, and the security log lacks what happened.
        """
        has_todos, self._has_todos = self._has_todos, False
        forgotten, self._forgotten = self._forgotten, frozenset()
        audited, self._audited = self._audited, []
        self._outer.committed(has_todos, forgotten)
        self._outer.witnessed(audited)

    def _keep(self, has_todos: bool, forgotten: frozenset[str]) -> None:  # noqa: FBT001 - as Surroundings has it
        self._has_todos = self._has_todos or has_todos
        self._forgotten |= forgotten

    def _remember(self, entries: Sequence[AuditEntry]) -> None:
        self._audited += entries
