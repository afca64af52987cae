"""What may be permitted of the ledger. Admin has all of it."""

from collections.abc import Mapping
from types import MappingProxyType

ACCOUNTS_READ = "ledger.account.read"
ACCOUNTS_OPEN = "ledger.account.open"
ACCOUNTS_CLOSE = "ledger.account.close"
TRANSACTIONS_READ = "ledger.transaction.read"
TRANSACTIONS_POST = "ledger.transaction.post"
PERIODS_READ = "ledger.period.read"
PERIODS_CLOSE = "ledger.period.close"
PERIODS_REOPEN = "ledger.period.reopen"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        ACCOUNTS_READ: "Read ledger accounts, balances, statements and the trial balance.",
        ACCOUNTS_OPEN: "Open ledger accounts.",
        ACCOUNTS_CLOSE: "Close ledger accounts that are empty.",
        TRANSACTIONS_READ: "Read ledger transactions and holds.",
        TRANSACTIONS_POST: "Post, reserve and reverse ledger transactions.",
        PERIODS_READ: "Read up to when the books are closed.",
        PERIODS_CLOSE: "Close the books up to a moment.",
        PERIODS_REOPEN: "Open the books again before a moment up to which they were closed.",
    }
)
"""What each permission of this context allows."""
