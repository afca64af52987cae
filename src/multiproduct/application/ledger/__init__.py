"""The ledger: its steps for other contexts, and its use cases."""

from multiproduct.application.ledger.account_keeping import Accounts
from multiproduct.application.ledger.bookkeeping import Bookkeeping
from multiproduct.application.ledger.closing import Closing
from multiproduct.application.ledger.commands import (
    ClosePeriod,
    EntryInput,
    ListAccounts,
    ListHolds,
    ListPeriods,
    ListTransactions,
    OpenAccount,
    PostBatch,
    PostHold,
    PostTransaction,
    ReadBalance,
    ReadStatement,
    ReadTrialBalance,
    ReopenPeriod,
    ReserveHold,
    ReverseTransaction,
)
from multiproduct.application.ledger.ports import AsOf, LedgerUnit
from multiproduct.application.ledger.posting import MAX_BATCH, Holding, Posting
from multiproduct.application.ledger.results import (
    AccountPage,
    AccountView,
    BalanceView,
    BatchView,
    PeriodPage,
    PeriodView,
    StatementView,
    TransactionPage,
    TransactionView,
    TrialBalanceView,
)
from multiproduct.application.ledger.sealing import LedgerSealing, LedgerVerdict
from multiproduct.application.ledger.transacting import Transacting
from multiproduct.application.ledger.wiring import Ledger, LedgerParts, wire_ledger

__all__ = [
    "MAX_BATCH",
    "AccountPage",
    "AccountView",
    "Accounts",
    "AsOf",
    "BalanceView",
    "BatchView",
    "Bookkeeping",
    "ClosePeriod",
    "Closing",
    "EntryInput",
    "Holding",
    "Ledger",
    "LedgerParts",
    "LedgerSealing",
    "LedgerUnit",
    "LedgerVerdict",
    "ListAccounts",
    "ListHolds",
    "ListPeriods",
    "ListTransactions",
    "OpenAccount",
    "PeriodPage",
    "PeriodView",
    "PostBatch",
    "PostHold",
    "PostTransaction",
    "Posting",
    "ReadBalance",
    "ReadStatement",
    "ReadTrialBalance",
    "ReopenPeriod",
    "ReserveHold",
    "ReverseTransaction",
    "StatementView",
    "Transacting",
    "TransactionPage",
    "TransactionView",
    "TrialBalanceView",
    "wire_ledger",
]
