"""A ledger account: what kind it is, in which currency, how far it may go, and what stands on it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.ledger.errors import AccountNotEmpty, LedgerAccountClosed
from multiproduct.domain.ledger.events import AccountClosed
from multiproduct.domain.shared import Aggregate, Currency, FieldProblem, InvalidInput, Money

MAX_CODE_LENGTH = 120
MAX_MINOR = 2**63 - 1
"""The largest sum that an account holds on one side, posted and pending together."""
_is_code = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@/+-]{0,119}").fullmatch


class AccountKind(StrEnum):
    """The five kinds of double entry. Assets and expenses grow by debits, the others by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


DEBIT_NORMAL = frozenset({AccountKind.ASSET, AccountKind.EXPENSE})


class Limit(StrEnum):
    """How far an account may go. Amounts that holds have reserved count as if they were posted."""

    NONE = "none"
    DEBITS_NEVER_EXCEED_CREDITS = "debits_never_exceed_credits"
    CREDITS_NEVER_EXCEED_DEBITS = "credits_never_exceed_debits"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSpec:
    """What an account is to be. `code` names it for good, such as `receivable:<customer>`."""

    code: str
    kind: AccountKind
    currency: str
    owner_id: UUID | None = None
    limit: Limit = Limit.NONE

    @classmethod
    def never_negative(
        cls, code: str, kind: AccountKind, currency: str, *, owner_id: UUID | None = None
    ) -> "AccountSpec":
        """An account whose balance, on the side on which its kind grows, never goes below zero."""
        grows_by_debits = kind in DEBIT_NORMAL
        limit = Limit.CREDITS_NEVER_EXCEED_DEBITS if grows_by_debits else Limit.DEBITS_NEVER_EXCEED_CREDITS
        return cls(code=code, kind=kind, currency=currency, owner_id=owner_id, limit=limit)

    def check(self) -> None:
        """Raises InvalidInput for a code or a currency that is malformed."""
        if not _is_code(self.code):
            raise InvalidInput(FieldProblem("code", "invalid"))
        try:
            Currency(self.currency)
        except ValueError:
            raise InvalidInput(FieldProblem("currency", "invalid")) from None


@dataclass(slots=True, kw_only=True)
class Account(Aggregate):
    """An account with its four sums in minor units, each of which only what was posted or reserved moves.
    `version` counts the entries that moved it."""

    id: UUID
    code: str
    kind: AccountKind
    currency: str
    owner_id: UUID | None = None
    limit: Limit = Limit.NONE
    posted_debits: int = 0
    posted_credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0
    created_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def open(cls, spec: AccountSpec, *, id: UUID, now: datetime) -> "Account":
        """A new, empty account. Raises InvalidInput."""
        spec.check()
        return cls(
            id=id,
            code=spec.code,
            kind=spec.kind,
            currency=spec.currency,
            owner_id=spec.owner_id,
            limit=spec.limit,
            created_at=now,
        )

    def is_as(self, spec: AccountSpec) -> bool:
        """Whether it is what the specification asks for."""
        return (self.kind, self.currency, self.owner_id, self.limit) == (
            spec.kind,
            spec.currency,
            spec.owner_id,
            spec.limit,
        )

    @property
    def balance(self) -> Money:
        """What is posted, on the side on which the kind grows."""
        return Money(balance_of(self.kind, self.posted_debits, self.posted_credits), Currency(self.currency))

    @property
    def available(self) -> Money:
        """The balance without what holds have reserved against it."""
        if self.kind in DEBIT_NORMAL:
            minor = self.posted_debits - self.posted_credits - self.pending_credits
        else:
            minor = self.posted_credits - self.posted_debits - self.pending_debits
        return Money(minor, Currency(self.currency))

    @property
    def is_within_limit(self) -> bool:
        """Whether the sums keep to the limit."""
        if self.limit is Limit.DEBITS_NEVER_EXCEED_CREDITS:
            return self.posted_debits + self.pending_debits <= self.posted_credits
        if self.limit is Limit.CREDITS_NEVER_EXCEED_DEBITS:
            return self.posted_credits + self.pending_credits <= self.posted_debits
        return True

    @property
    def is_within_range(self) -> bool:
        """Whether the sums can be kept in 64 bits."""
        debits = self.posted_debits + self.pending_debits
        return debits <= MAX_MINOR and self.posted_credits + self.pending_credits <= MAX_MINOR

    def close(self, *, now: datetime) -> None:
        """No entry follows. Raises LedgerAccountClosed, and AccountNotEmpty while anything stands on it."""
        if self.closed_at is not None:
            raise LedgerAccountClosed(account=self.code)
        if self.balance.minor or self.pending_debits or self.pending_credits:
            raise AccountNotEmpty(account=self.code)
        self.closed_at = now
        self._record(AccountClosed(occurred_at=now, account_id=self.id, code=self.code))


def balance_of(kind: AccountKind, debits: int, credits: int) -> int:
    """The balance in minor units, positive on the side on which the kind grows."""
    return debits - credits if kind in DEBIT_NORMAL else credits - debits
