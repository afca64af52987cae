"""The endpoints of ledger accounts, what stands on them, and the close of the books."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.ledger import (
    AccountPage,
    AccountView,
    BalanceView,
    ClosePeriod,
    ListAccounts,
    ListPeriods,
    OpenAccount,
    PeriodPage,
    PeriodView,
    ReadBalance,
    ReadStatement,
    ReadTrialBalance,
    ReopenPeriod,
    StatementView,
    TrialBalanceView,
)
from multiproduct.domain.ledger import (
    AccountNotEmpty,
    LedgerAccountClosed,
    LedgerAccountExists,
    PeriodNotClosed,
    PeriodNotLater,
    UnknownLedgerAccount,
)
from multiproduct.domain.ledger.permissions import (
    ACCOUNTS_CLOSE,
    ACCOUNTS_OPEN,
    ACCOUNTS_READ,
    PERIODS_CLOSE,
    PERIODS_READ,
    PERIODS_REOPEN,
)
from multiproduct.domain.shared import StaleAggregate, StepUpRequired
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/ledger"
_TAG = "Ledger"

_ACCOUNTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/accounts",
        name="ledger_account.list",
        tag=_TAG,
        summary="List ledger accounts",
        description="By code, with what stands on them.",
        handler=lambda container, command, call: container.ledger.bookkeeping.every(command, call.caller),
        command=ListAccounts,
        result=AccountPage,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/accounts",
        name="ledger_account.open",
        tag=_TAG,
        summary="Open a ledger account",
        handler=lambda container, command, call: container.ledger.bookkeeping.open(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=OpenAccount,
        result=AccountView,
        status=201,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_OPEN,
        scope="default",
        errors=(LedgerAccountExists, IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/accounts/{{account_id}}",
        name="ledger_account.read",
        tag=_TAG,
        summary="Read a ledger account",
        handler=lambda container, _command, call: container.ledger.bookkeeping.read(
            call.ids["account_id"], call.caller
        ),
        result=AccountView,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_READ,
        scope="default",
        errors=(UnknownLedgerAccount,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/accounts/{{account_id}}/close",
        name="ledger_account.close",
        tag=_TAG,
        summary="Close a ledger account",
        description="One on which nothing stands. No entry follows.",
        handler=lambda container, _command, call: container.ledger.bookkeeping.close(
            call.ids["account_id"], call.caller
        ),
        result=AccountView,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_CLOSE,
        scope="default",
        errors=(UnknownLedgerAccount, LedgerAccountClosed, AccountNotEmpty, StaleAggregate),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/accounts/{{account_id}}/balance",
        name="ledger_account.balance",
        tag=_TAG,
        summary="Tell what stood on an account at an instant",
        description="By when entries took effect, by when they were posted, or by both.",
        handler=lambda container, command, call: container.ledger.bookkeeping.balance(
            call.ids["account_id"], command, call.caller
        ),
        command=ReadBalance,
        result=BalanceView,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_READ,
        scope="default",
        errors=(UnknownLedgerAccount,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/statements/{{account_id}}",
        name="ledger_account.statement",
        tag=_TAG,
        summary="Read the statement of an account",
        description="Its entries in the order in which they took effect, each with the balance after it.",
        handler=lambda container, command, call: container.ledger.bookkeeping.statement(
            call.ids["account_id"], command, call.caller
        ),
        command=ReadStatement,
        result=StatementView,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_READ,
        scope="default",
        errors=(UnknownLedgerAccount,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/trial-balance",
        name="ledger.trial_balance",
        tag=_TAG,
        summary="Read the trial balance",
        description="What stood on every account at an instant, with totals by currency.",
        handler=lambda container, command, call: container.ledger.bookkeeping.trial_balance(
            command, call.caller
        ),
        command=ReadTrialBalance,
        result=TrialBalanceView,
        access=Access.SIGNED_IN,
        permission=ACCOUNTS_READ,
        scope="default",
    ),
)

_PERIODS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/periods",
        name="ledger_period.list",
        tag=_TAG,
        summary="Read up to when the books are closed",
        description="With every change of it, the newest first.",
        handler=lambda container, command, call: container.ledger.closing.every(command, call.caller),
        command=ListPeriods,
        result=PeriodPage,
        access=Access.SIGNED_IN,
        permission=PERIODS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/periods/close",
        name="ledger_period.close",
        tag=_TAG,
        summary="Close the books up to a moment",
        description="Nothing becomes effective before it any more.",
        handler=lambda container, command, call: container.ledger.closing.close(command, call.caller),
        command=ClosePeriod,
        result=PeriodView,
        access=Access.SIGNED_IN,
        permission=PERIODS_CLOSE,
        scope="default",
        errors=(PeriodNotLater,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/periods/reopen",
        name="ledger_period.reopen",
        tag=_TAG,
        summary="Open the books again",
        description="The change stays on record. Needs a recent sign-in.",
        handler=lambda container, command, call: container.ledger.closing.reopen(command, call.caller),
        command=ReopenPeriod,
        result=PeriodView,
        access=Access.SIGNED_IN,
        permission=PERIODS_REOPEN,
        scope="default",
        errors=(PeriodNotClosed, StepUpRequired),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_ACCOUNTS, *_PERIODS)
