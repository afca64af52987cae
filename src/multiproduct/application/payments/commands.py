"""What people and staff ask of payments."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.money import PlainMoney
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT

GatewayName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,31}$")]
StatusName = Literal[
    "requested",
    "processing",
    "requires_action",
    "authorised",
    "unknown",
    "succeeded",
    "failed",
    "cancelled",
    "expired",
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Command(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class StoreMethod(_Command):
    """A method to charge later. `token` is what the gateway's own form gave the payer's browser; the number
    of a card never comes here."""

    gateway: GatewayName = Field(examples=["STARK_PAY"])
    token: str = Field(min_length=1, max_length=500, examples=["tok_approve"])
    is_default: bool = False


class ConfirmPayment(_Command):
    """Staff saw the money. `received` has to be what was asked for."""

    received: PlainMoney
    reference: Note = Field(examples=["2026-03-04 transfer 81723"])


class RejectPayment(_Command):
    """Staff found that no money came."""

    reason: Note = Field(examples=["no transfer within a month"])


class RefundPayment(_Command):
    """Gives some of a payment back, or all that was not given back yet where no amount is told."""

    amount: PlainMoney | None = None
    reason: Note = Field(examples=["ordered by mistake"])


class CapturePayment(_Command):
    """Takes some of a held amount, or all that is still held where no amount is told."""

    amount: PlainMoney | None = None


class ListOwnPayments(_Command):
    """A page of one's own payments."""

    cursor: str | None = None
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class ListPayments(ListOwnPayments):
    """Which payments staff asks for."""

    payer_id: UUID | None = None
    status: StatusName | None = Field(default=None, examples=["unknown"])
    gateway: GatewayName | None = None
    needs_review: bool = False
