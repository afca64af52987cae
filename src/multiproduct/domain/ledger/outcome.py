"""What comes of each item of a batch."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from multiproduct.domain.ledger.errors import LedgerRefused
from multiproduct.domain.ledger.transaction import Transaction


class ResultCode(StrEnum):
    """The first of these that holds, in this order but for the two that say it is done."""

    POSTED = "posted"
    EXISTS = "exists"
    """The key was used before for the same content: the answer is the transaction of then."""

    LINKED_CHAIN_OPEN = "linked_chain_open"
    """The last item of a batch is linked to the next one."""
    LINKED_FAILED = "linked_failed"
    """Another item of the chain was refused, so this one is not written either."""
    TEXT_TOO_LONG = "text_too_long"
    EXISTS_WITH_DIFFERENT_CONTENT = "exists_with_different_content"
    KEY_ALREADY_FAILED = "key_already_failed"
    """The key was refused before, by what may be otherwise now. It stays used up, so that a client that
    repeats it never has something happen of which it was told that it did not."""
    TOO_FEW_ENTRIES = "too_few_entries"
    TOO_MANY_ENTRIES = "too_many_entries"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    UNBALANCED = "unbalanced"
    ACCOUNTS_NOT_DIFFERENT = "accounts_not_different"
    EXPIRES_TOO_EARLY = "expires_too_early"
    HOLD_NOT_FOUND = "hold_not_found"
    HOLD_ALREADY_POSTED = "hold_already_posted"
    HOLD_ALREADY_VOIDED = "hold_already_voided"
    HOLD_EXPIRED = "hold_expired"
    HOLD_NOT_EXPIRED = "hold_not_expired"
    EXCEEDS_HOLD = "exceeds_hold"
    TRANSACTION_NOT_FOUND = "transaction_not_found"
    NOT_REVERSIBLE = "not_reversible"
    ALREADY_REVERSED = "already_reversed"
    MADE_BY_CONTEXT = "made_by_context"
    """A context posted it (payments, billing), and corrects it by its own means."""
    ACCOUNT_NOT_FOUND = "account_not_found"
    CURRENCY_MISMATCH = "currency_mismatch"
    ACCOUNT_CLOSED = "account_closed"
    PERIOD_CLOSED = "period_closed"
    BALANCE_TOO_LARGE = "balance_too_large"
    EXCEEDS_LIMIT = "exceeds_limit"


TRANSIENT = frozenset(
    {
        ResultCode.HOLD_NOT_FOUND,
        ResultCode.TRANSACTION_NOT_FOUND,
        ResultCode.ACCOUNT_NOT_FOUND,
        ResultCode.ACCOUNT_CLOSED,
        ResultCode.PERIOD_CLOSED,
        ResultCode.BALANCE_TOO_LARGE,
        ResultCode.EXCEEDS_LIMIT,
    }
)
"""What depends on the state of the books and could be otherwise a moment later; such a refusal burns the key,
as in TigerBeetle (docs/reference/requests/create_transfers.md, `id_already_failed`)."""


class Posted(NamedTuple):
    """It is in the journal; `code` is `posted`, or `exists` where it was before."""

    transaction: Transaction
    code: ResultCode = ResultCode.POSTED


@dataclass(frozen=True, slots=True)
class Refused:
    """It is not. `account` is the code of the account that it is about, where it is about one."""

    code: ResultCode
    account: str | None = None

    def error(self) -> LedgerRefused:
        """The refusal as an error."""
        if self.account is None:
            return LedgerRefused(reason=self.code.value)
        return LedgerRefused(reason=self.code.value, account=self.account)


Outcome = Posted | Refused
