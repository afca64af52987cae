"""What keeps a fact out of the ledger."""

from multiproduct.domain.shared import Conflict, NotFound


class LedgerRefused(Conflict):
    """A transaction was refused. `reason` is its result code, `account` the account's where it is about
    one."""

    code = "ledger_refused"


class UnknownLedgerAccount(NotFound):
    """There is no such account."""

    code = "ledger_account_not_found"


class UnknownLedgerTransaction(NotFound):
    """There is no such transaction."""

    code = "ledger_transaction_not_found"


class LedgerAccountExists(Conflict):
    """An account of this code is there, and is not what was asked for."""

    code = "ledger_account_exists"


class LedgerAccountClosed(Conflict):
    """The account was closed before."""

    code = "ledger_account_closed"


class AccountNotEmpty(Conflict):
    """Something stands on the account or is reserved on it, so that it cannot be closed."""

    code = "ledger_account_not_empty"


class PeriodNotLater(Conflict):
    """The books are closed up to that moment or beyond, or it has not come yet."""

    code = "ledger_period_not_later"


class PeriodNotClosed(Conflict):
    """The books are not closed up to a moment after that one, so that there is nothing to reopen."""

    code = "ledger_period_not_closed"


class LedgerHeadNotGenuine(Conflict):
    """The head of the ledger's chain is missing or was not signed by this installation. Nothing is sealed
    until somebody has looked: `multiproduct ledger verify`."""

    code = "ledger_head_not_genuine"
