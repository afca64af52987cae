"""Units of work over a memory store: one writer at a time, and views that wait for nobody."""

from collections.abc import Sequence

from multiproduct.adapters.memory.audit import MemoryAuditTrail
from multiproduct.adapters.memory.audit_chain import MemoryAuditChain
from multiproduct.adapters.memory.commerce_repositories import MemoryCommerceRepositories
from multiproduct.adapters.memory.idempotency import MemoryIdempotencyRecords
from multiproduct.adapters.memory.identity_repositories import MemoryIdentityRepositories
from multiproduct.adapters.memory.inbox import MemoryInboxEntries, MemoryStreamTickets
from multiproduct.adapters.memory.notification_keeping import (
    MemoryDigests,
    MemoryNotificationSettings,
    MemoryPreferences,
    MemorySuppressions,
)
from multiproduct.adapters.memory.notifications import MemoryDeliveries
from multiproduct.adapters.memory.push_devices import MemoryPushDevices
from multiproduct.adapters.memory.second_factors import (
    MemorySealedRows,
)
from multiproduct.adapters.memory.store import MemoryStore, TodoRow
from multiproduct.adapters.memory.todos import MemoryTodoCompletion
from multiproduct.adapters.memory.translation import MemoryGlossaryTerms, MemoryHumanTranslations
from multiproduct.adapters.memory.webhooks import MemoryWebhookEndpoints, MemoryWebhookMessages
from multiproduct.application.caller import Caller
from multiproduct.application.committing import NewEvent, Surroundings
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.made_once import made_once
from multiproduct.application.payments.sealed_purposes import of_method_token
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.todos import LoggedEvent, TodoKey


class MemoryUnit(MemoryIdentityRepositories, MemoryCommerceRepositories):
    """Writes to a stage of its own; the commit makes that the store's, in one step."""

    @made_once
    def idempotency(self) -> MemoryIdempotencyRecords:
        return MemoryIdempotencyRecords(stage=self._stage)

    @made_once
    def webhook_endpoints(self) -> MemoryWebhookEndpoints:
        return MemoryWebhookEndpoints(stage=self._stage.webhooks, track=self.track)

    @made_once
    def webhook_messages(self) -> MemoryWebhookMessages:
        return MemoryWebhookMessages(stage=self._stage.webhooks, todos=self._stage.todos)

    @made_once
    def human_translations(self) -> MemoryHumanTranslations:
        return MemoryHumanTranslations(stage=self._stage.translation, track=self.track)

    @made_once
    def glossary_terms(self) -> MemoryGlossaryTerms:
        return MemoryGlossaryTerms(stage=self._stage.translation, track=self.track)

    @made_once
    def inbox(self) -> MemoryInboxEntries:
        return MemoryInboxEntries(stage=self._stage)

    @made_once
    def stream_tickets(self) -> MemoryStreamTickets:
        return MemoryStreamTickets(stage=self._stage.inbox)

    @made_once
    def deliveries(self) -> MemoryDeliveries:
        return MemoryDeliveries(stage=self._stage)

    @made_once
    def notification_preferences(self) -> MemoryPreferences:
        return MemoryPreferences(stage=self._stage.notification_keeping)

    @made_once
    def notification_settings(self) -> MemoryNotificationSettings:
        return MemoryNotificationSettings(stage=self._stage.notification_keeping)

    @made_once
    def notification_digests(self) -> MemoryDigests:
        return MemoryDigests(stage=self._stage.notification_keeping, users=self._stage.identity.users)

    @made_once
    def suppressions(self) -> MemorySuppressions:
        return MemorySuppressions(stage=self._stage.notification_keeping)

    @made_once
    def push_devices(self) -> MemoryPushDevices:
        return MemoryPushDevices(rows=self._stage.push_devices, track=self.track)

    @made_once
    def todos(self) -> MemoryTodoCompletion:
        return MemoryTodoCompletion(stage=self._stage)

    @made_once
    def audit_trail(self) -> MemoryAuditTrail:
        return MemoryAuditTrail(store=self._store)

    @made_once
    def audit_chain(self) -> MemoryAuditChain:
        return MemoryAuditChain(store=self._store, stage=self._stage)

    @property
    def sealed_rows(self) -> dict[str, MemorySealedRows]:
        """Everything that is sealed, by its table."""
        stage = self._stage
        return {
            "totp_factors": MemorySealedRows(
                stage.identity.totp_factors, "sealed_secret", sealed_purposes.of_totp_secret
            ),
            "bank_details": MemorySealedRows(
                stage.identity.bank_details, "sealed", sealed_purposes.of_bank_details
            ),
            "farewells": MemorySealedRows(stage.identity.farewells, "sealed", sealed_purposes.of_farewell),
            "payment_methods": MemorySealedRows(stage.payments.methods, "sealed_token", of_method_token),
            "recovery_codes": MemorySealedRows(
                stage.identity.recovery_codes, "sealed_digest", sealed_purposes.of_recovery_digest
            ),
        }

    async def _begin(self) -> None:
        await self._store.turns.take()

    async def _log(self, events: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
        now = self._store.real_time.now()
        for new in events:
            position = self._store.next_position()
            self._stage.events.give(
                LoggedEvent(
                    position=position,
                    name=new.name,
                    fields=new.fields,
                    occurred_at=new.event.occurred_at,
                    request_id=new.request_id,
                )
            )
            for reaction in new.todos:
                self._stage.todos.give(TodoRow(key=TodoKey(position, reaction), due_at=now))
        for entry in audit:
            self._stage.audit.give(entry)

    async def _make_permanent(self) -> None:
        self._stage.apply()

    async def _end(self, *, committed: bool) -> None:
        # What was not committed lies on the stage, and goes with it.
        del committed
        self._store.turns.give_back()


class MemoryView(MemoryUnit):
    """Reads what is committed at that moment. What is written to it goes nowhere."""

    async def _begin(self) -> None:
        return

    async def _make_permanent(self) -> None:
        raise RuntimeError("a view only reads")

    async def _end(self, *, committed: bool) -> None:
        # It has no turn to give back.
        del committed


class MemoryUnits:
    """Opens units over one store. There is no host's transaction to join, so `open_alone` is `open`."""

    def __init__(self, *, store: MemoryStore, surroundings: Surroundings) -> None:
        self._store = store
        self._surroundings = surroundings

    def open(self, caller: Caller) -> MemoryUnit:
        """A unit that may write, one at a time. Opening another within it, in the same task, is refused."""
        return MemoryUnit(store=self._store, caller=caller, surroundings=self._surroundings)

    def open_alone(self, caller: Caller) -> MemoryUnit:
        """Like `open`."""
        return self.open(caller)

    def view(self, caller: Caller) -> MemoryView:
        """A unit that only reads what is committed, and never waits for a writer."""
        return MemoryView(store=self._store, caller=caller, surroundings=self._surroundings)
