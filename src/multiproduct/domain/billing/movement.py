"""Movements: what changed what a customer owes, one for each fact, in the order of the facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class MovementKind(StrEnum):
    """What happened. The first ones raise what is owed, the others lower it."""

    INVOICE = "invoice"
    REFUND = "refund"
    RECOVERY = "recovery"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    VOID = "void"
    WRITE_OFF = "write_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """`minor` is positive where the customer owes more, negative where less. A customer's balance is the sum
    of their movements in a currency, and equals the ledger's receivable less the customer's funds.

    An allocation is none: what is owed and what is there go down alike. A recovery undoes as much of a
    write-off as money still came for.
    """

    id: UUID
    customer_id: UUID
    currency: str
    minor: int
    kind: MovementKind
    document_id: UUID
    reference: str
    at: datetime
