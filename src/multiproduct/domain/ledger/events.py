"""What happens to the ledger besides postings, which are their own record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """There is a new account."""

    NAME = "ledger.account_opened"
    ACTION = Action.CREATE
    RESOURCE = "ledger_account"
    CONCERNS_SECURITY = False

    account_id: UUID
    code: str
    kind: str
    currency: str
    limit: str
    owner_id: UUID | None = None

    @property
    def resource_id(self) -> str:
        return str(self.account_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.owner_id) if self.owner_id else None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {
            "code": (None, self.code),
            "kind": (None, self.kind),
            "currency": (None, self.currency),
            "limit": (None, self.limit),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """No entry follows on the account."""

    NAME = "ledger.account_closed"
    ACTION = Action.UPDATE
    RESOURCE = "ledger_account"
    CONCERNS_SECURITY = False

    account_id: UUID
    code: str

    @property
    def resource_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionReversed(Event):
    """A transaction was undone by another one, which stands beside it."""

    NAME = "ledger.transaction_reversed"
    ACTION = Action.CREATE
    RESOURCE = "ledger_transaction"
    CONCERNS_SECURITY = False

    transaction_id: UUID
    reversal_id: UUID
    reference: str | None

    @property
    def resource_id(self) -> str:
        return str(self.transaction_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"reversal_id": (None, str(self.reversal_id))}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTimedOut(Event):
    """A hold's time was over before it was posted or voided, and what it reserved is free."""

    NAME = "ledger.hold_timed_out"
    ACTION = Action.UPDATE
    RESOURCE = "ledger_hold"
    CONCERNS_SECURITY = False

    hold_id: UUID
    transaction_id: UUID
    reference: str | None

    @property
    def resource_id(self) -> str:
        return str(self.hold_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed(Event):
    """Nothing may become effective before `closed_until` any more."""

    NAME = "ledger.period_closed"
    ACTION = Action.UPDATE
    RESOURCE = "ledger_period"
    CONCERNS_SECURITY = False

    position: int
    before: datetime | None
    closed_until: datetime

    @property
    def resource_id(self) -> str:
        return str(self.position)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"closed_until": (_shown(self.before), _shown(self.closed_until))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReopened(Event):
    """The books are open again from `closed_until` on, or as a whole."""

    NAME = "ledger.period_reopened"
    ACTION = Action.UPDATE
    RESOURCE = "ledger_period"
    CONCERNS_SECURITY = True

    position: int
    before: datetime
    closed_until: datetime | None

    @property
    def resource_id(self) -> str:
        return str(self.position)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"closed_until": (_shown(self.before), _shown(self.closed_until))}


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


EVENTS: tuple[type[Event], ...] = (
    AccountOpened,
    AccountClosed,
    TransactionReversed,
    HoldTimedOut,
    PeriodClosed,
    PeriodReopened,
)
