"""The endpoints of ledger transactions, holds and batches."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.ledger import (
    BatchView,
    ListHolds,
    ListTransactions,
    PostBatch,
    PostHold,
    PostTransaction,
    ReserveHold,
    ReverseTransaction,
    TransactionPage,
    TransactionView,
)
from multiproduct.domain.ledger import LedgerRefused, UnknownLedgerTransaction
from multiproduct.domain.ledger.permissions import TRANSACTIONS_POST, TRANSACTIONS_READ
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/ledger"
_TAG = "Ledger"

_TRANSACTIONS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/transactions",
        name="ledger_transaction.list",
        tag=_TAG,
        summary="List ledger transactions",
        description="The newest first.",
        handler=lambda container, command, call: container.ledger.transacting.every(command, call.caller),
        command=ListTransactions,
        result=TransactionPage,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/transactions",
        name="ledger_transaction.post",
        tag=_TAG,
        summary="Post a transaction",
        description="Entries that sum to zero in each currency. What is posted stays as it is, and is "
        "corrected by a reversal.",
        handler=lambda container, command, call: container.ledger.transacting.post(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=PostTransaction,
        result=TransactionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(LedgerRefused, IdempotencyMismatch),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/transactions/{{transaction_id}}",
        name="ledger_transaction.read",
        tag=_TAG,
        summary="Read a ledger transaction",
        handler=lambda container, _command, call: container.ledger.transacting.read(
            call.ids["transaction_id"], call.caller
        ),
        result=TransactionView,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_READ,
        scope="default",
        errors=(UnknownLedgerTransaction,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/transactions/{{transaction_id}}/reverse",
        name="ledger_transaction.reverse",
        tag=_TAG,
        summary="Reverse a transaction",
        description="By another one with the same amounts on the other sides, once.",
        handler=lambda container, command, call: container.ledger.transacting.reverse(
            call.ids["transaction_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ReverseTransaction,
        result=TransactionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(LedgerRefused, UnknownLedgerTransaction, IdempotencyMismatch),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/batches",
        name="ledger_batch.post",
        tag=_TAG,
        summary="Post a batch",
        description="Items are judged one after the other, and each has its own code. What is refused keeps "
        "nothing else from being posted, but for the chain of `linked` items that it stands in.",
        handler=lambda container, command, call: container.ledger.transacting.post_batch(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=PostBatch,
        result=BatchView,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
)

_HOLDS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/holds",
        name="ledger_hold.list",
        tag=_TAG,
        summary="List open holds",
        description="The oldest first.",
        handler=lambda container, command, call: container.ledger.transacting.open_holds(
            command, call.caller
        ),
        command=ListHolds,
        result=TransactionPage,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/holds",
        name="ledger_hold.reserve",
        tag=_TAG,
        summary="Reserve an amount",
        description="On both accounts, until it is posted, voided or its time is over.",
        handler=lambda container, command, call: container.ledger.transacting.reserve(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ReserveHold,
        result=TransactionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(LedgerRefused, IdempotencyMismatch),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/holds/{{hold_id}}/post",
        name="ledger_hold.post",
        tag=_TAG,
        summary="Post a hold",
        description="Wholly or in part; the rest is released.",
        handler=lambda container, command, call: container.ledger.transacting.post_hold(
            call.ids["hold_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=PostHold,
        result=TransactionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(LedgerRefused, UnknownLedgerTransaction, IdempotencyMismatch),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/holds/{{hold_id}}/void",
        name="ledger_hold.void",
        tag=_TAG,
        summary="Release a hold",
        handler=lambda container, _command, call: container.ledger.transacting.void_hold(
            call.ids["hold_id"], call.caller, idempotency_key=call.idempotency_key
        ),
        result=TransactionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TRANSACTIONS_POST,
        scope="default",
        errors=(LedgerRefused, UnknownLedgerTransaction, IdempotencyMismatch),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_TRANSACTIONS, *_HOLDS)
