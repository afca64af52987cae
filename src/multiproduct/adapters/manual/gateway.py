"""The gateway `BANK_TRANSFER`: it tells the payer where to pay, and waits until staff says what came."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from multiproduct.application.payments.gateways import (
    CallbackRequest,
    ChargeOrder,
    Feature,
    HoldOrder,
    MethodDetails,
    Notice,
    Question,
    QuestionKind,
    RefundOrder,
)
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.payments import (
    CallbackRefused,
    CalledOff,
    Declined,
    Lapsed,
    MethodRefused,
    Outcome,
    Pending,
)

NAME = "BANK_TRANSFER"
WAITS_FOR = timedelta(days=14)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that people take for one another."""


class BankTransferGateway:
    """The `Gateway` port, with nothing behind it: what it promised stands in the attempt. `account` is where
    to pay, as the payer is told."""

    def __init__(self, *, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    @property
    def name(self) -> str:
        """BANK_TRANSFER."""
        return NAME

    @property
    def features(self) -> frozenset[Feature]:
        """By hand, with refunds that staff transfers back."""
        return frozenset({Feature.BY_HAND, Feature.CANCEL, Feature.REFUND, Feature.PARTIAL_REFUND})

    async def charge(self, order: ChargeOrder) -> Outcome:
        """Waits for a transfer with the reference, for fourteen days."""
        reference = reference_of(order.key)
        return Pending(
            reference=reference,
            instructions={
                "account": self._account,
                "reference": reference,
                "amount": str(order.amount),
                "currency": order.amount.currency.code,
            },
            deadline=self._clock.now() + WAITS_FOR,
        )

    async def authorise(self, order: ChargeOrder) -> Outcome:
        """Nothing can be held."""
        del order
        return Declined(code="invalid_request")

    async def capture(self, order: HoldOrder) -> Outcome:
        """Nothing is held."""
        del order
        return Declined(code="invalid_request")

    async def release(self, order: HoldOrder) -> Outcome:
        """Nothing is held."""
        del order
        return Declined(code="invalid_request")

    async def refund(self, order: RefundOrder) -> Outcome:
        """Staff transfers it back, and says so."""
        return Pending(reference=reference_of(order.key))

    async def cancel(self, question: Question) -> Outcome:
        """Nobody waits for it any more. What is transferred all the same, staff confirms."""
        return CalledOff(reference=question.reference)

    async def ask(self, question: Question) -> Outcome:
        """Nobody knows more than staff does: it waits, until the deadline."""
        is_over = question.deadline is not None and self._clock.now() >= question.deadline
        if is_over and question.kind is not QuestionKind.REFUND:
            return Lapsed(reference=question.reference)
        return Pending(
            reference=question.reference,
            instructions=question.instructions,
            deadline=question.deadline,
        )

    async def store_method(self, *, key: UUID, owner_id: UUID, token: str) -> MethodDetails:
        """There is nothing to store. Raises MethodRefused."""
        del key, owner_id, token
        raise MethodRefused(reason="invalid_request")

    async def detach_method(self, token: str) -> None:
        """There is nothing to forget."""

    def read_callback(self, request: CallbackRequest) -> Sequence[Notice]:
        """Nobody calls back. Raises CallbackRefused."""
        del request
        raise CallbackRefused


def reference_of(key: UUID) -> str:
    """Ten characters that a payer can copy onto a form: 50 bits of the key's random part."""
    bits = key.int & (1 << 50) - 1
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(45, -1, -5))
