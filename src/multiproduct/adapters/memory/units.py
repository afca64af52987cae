"""Units of work over a memory store: one writer at a time, and views that wait for nobody."""

from collections.abc import Sequence

from multiproduct.adapters.memory.account import MemoryContactChanges, MemoryPictures
from multiproduct.adapters.memory.administration import (
    MemoryInvitations,
    MemoryPeople,
    MemoryPersonalRows,
    MemorySealedRecords,
    MemoryUsernameTombstones,
)
from multiproduct.adapters.memory.audit import MemoryAuditTrail
from multiproduct.adapters.memory.audit_chain import MemoryAuditChain
from multiproduct.adapters.memory.credentials import (
    MemoryCeremonyChallenges,
    MemoryDeviceKeys,
    MemoryPasskeys,
)
from multiproduct.adapters.memory.idempotency import MemoryIdempotencyRecords
from multiproduct.adapters.memory.identity import MemoryPendingRegistrations, MemorySessions, MemoryUsers
from multiproduct.adapters.memory.identity_social import (
    MemorySocialAccounts,
    MemorySocialNonces,
    MemorySocialStates,
)
from multiproduct.adapters.memory.notifications import MemoryDeliveries
from multiproduct.adapters.memory.otp import MemoryChallenges, MemoryGuessBudgets
from multiproduct.adapters.memory.roles import MemoryRoleAssignments, MemoryRoles
from multiproduct.adapters.memory.second_factors import (
    MemoryPendingSignIns,
    MemoryRecoveryCodes,
    MemorySealedRows,
    MemoryTotpFactors,
)
from multiproduct.adapters.memory.sign_in_failures import MemorySignInFailures
from multiproduct.adapters.memory.store import MemoryStore, Stage, TodoRow
from multiproduct.adapters.memory.todos import MemoryTodoCompletion
from multiproduct.application.caller import Caller
from multiproduct.application.committing import CommittingUnit, NewEvent, Surroundings
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.todos import LoggedEvent, TodoKey


class MemoryUnit(CommittingUnit):
    """Writes to a stage of its own; the commit makes that the store's, in one step."""

    def __init__(self, *, store: MemoryStore, caller: Caller, surroundings: Surroundings) -> None:
        super().__init__(caller=caller, surroundings=surroundings)
        stage = Stage(store)
        self._store = store
        self._stage = stage
        self.challenges = MemoryChallenges(stage=stage, track=self.track)
        self.guess_budgets = MemoryGuessBudgets(stage=stage)
        self.users = MemoryUsers(stage=stage, track=self.track, now=surroundings.now)
        self.pending_registrations = MemoryPendingRegistrations(stage=stage, track=self.track)
        self.sessions = MemorySessions(stage=stage, track=self.track, record=self.record)
        self.roles = MemoryRoles(stage=stage, track=self.track)
        self.role_assignments = MemoryRoleAssignments(stage=stage, track=self.track)
        self.passkeys = MemoryPasskeys(stage=stage, track=self.track)
        self.device_keys = MemoryDeviceKeys(stage=stage, track=self.track, record=self.record)
        self.ceremony_challenges = MemoryCeremonyChallenges(stage=stage)
        self.social_accounts = MemorySocialAccounts(
            rows=stage.social_accounts, unlinks=stage.social_unlinks, track=self.track
        )
        self.social_states = MemorySocialStates(rows=stage.social_states)
        self.social_nonces = MemorySocialNonces(rows=stage.social_nonces)
        self.sign_in_failures = MemorySignInFailures(rows=stage.sign_in_failures)
        self.totp_factors = MemoryTotpFactors(stage=stage, track=self.track)
        self.recovery_codes = MemoryRecoveryCodes(stage=stage)
        self.pending_sign_ins = MemoryPendingSignIns(stage=stage, track=self.track)
        self.contact_changes = MemoryContactChanges(stage=stage, track=self.track)
        self.pictures = MemoryPictures(stage=stage)
        self.people = MemoryPeople(stage=stage)
        self.invitations = MemoryInvitations(stage=stage, track=self.track)
        self.username_tombstones = MemoryUsernameTombstones(stage=stage)
        self.bank_details = MemorySealedRecords(rows=stage.bank_details)
        self.farewells = MemorySealedRecords(rows=stage.farewells)
        self.personal_rows = MemoryPersonalRows(stage=stage)
        self.idempotency = MemoryIdempotencyRecords(stage=stage)
        self.deliveries = MemoryDeliveries(stage=stage)
        self.todos = MemoryTodoCompletion(stage=stage)
        self.audit_trail = MemoryAuditTrail(store=store)
        self.audit_chain = MemoryAuditChain(store=store, stage=stage)

    @property
    def sealed_rows(self) -> dict[str, MemorySealedRows]:
        """Everything that is sealed, by its table."""
        stage = self._stage
        return {
            "totp_factors": MemorySealedRows(
                stage.totp_factors, "sealed_secret", sealed_purposes.of_totp_secret
            ),
            "bank_details": MemorySealedRows(stage.bank_details, "sealed", sealed_purposes.of_bank_details),
            "farewells": MemorySealedRows(stage.farewells, "sealed", sealed_purposes.of_farewell),
            "recovery_codes": MemorySealedRows(
                stage.recovery_codes, "sealed_digest", sealed_purposes.of_recovery_digest
            ),
        }

    async def _begin(self) -> None:
        await self._store.turns.take()

    async def _log(self, events: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
        now = self._store.real_time.now()
        for new in events:
            position = self._store.next_position()
            self._stage.events.put(
                LoggedEvent(
                    position=position,
                    name=new.name,
                    fields=new.fields,
                    occurred_at=new.event.occurred_at,
                    request_id=new.request_id,
                )
            )
            for reaction in new.todos:
                self._stage.todos.put(TodoRow(key=TodoKey(position, reaction), due_at=now))
        for entry in audit:
            self._stage.audit.put(entry)

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
