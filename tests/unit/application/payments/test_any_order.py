"""Any order of drives, deaths, callbacks, questions, cancellations and refunds ends where the sandbox's own
books say that it ended."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.campaigns import proof_scale
from tests.paying import Killed, Paying, as_person, paying

from multiproduct.application.payments.gateways import CallbackRequest
from multiproduct.domain.payments import Attempt, AttemptKind, Payment, PaymentSettled, Status, Strategy
from multiproduct.domain.shared import Money, MultiproductError

SEEDS = proof_scale(30, 5_000)
STEPS = 60
SCRIPTS = (
    "approve",
    "approve",
    "insufficient_funds",
    "stolen_card",
    "requires_action",
    "pending",
    "unknown_then_settled",
    "unknown_then_declined",
    "timeout_after_charge",
    "timeout_before_charge",
    "decline_1_then_approve",
    "refund_unknown",
    "refund_declined",
    "other_amount",
)
FOR_GOOD = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.AUTHORISED})


class Walk:
    """One random life of a few payments."""

    def __init__(self, seed: int, here: Paying | None = None) -> None:
        self.here: Paying = here or paying()
        self.random = random.Random(seed)
        self.payments: list[UUID] = []
        self.callbacks: list[CallbackRequest] = []

    async def step(self) -> None:
        """One thing happens; what is refused is refused, and whoever dies is dead."""
        happening = self.random.choice(
            [
                self.open,
                self.drive,
                self.drive,
                self.die_driving,
                self.run_todos,
                self.ask,
                self.cancel,
                self.decide,
                self.call_back,
                self.refund,
                self.retry,
                self.capture,
                self.release,
                self.remove_method,
            ]
        )
        try:
            await happening()
        except (MultiproductError, Killed):
            self.here.cutting.before = self.here.cutting.after = False

    async def open(self) -> None:
        payment = await self.here.open(
            minor=self.random.choice([1_000, 2_500]),
            script=self.random.choice(SCRIPTS),
            strategy=self.random.choice(list(Strategy)),
            is_off_session=self.random.random() < 0.3,
        )
        self.payments.append(payment.id)

    async def drive(self) -> None:
        await self.here.payments.driving.drive_attempt((await self.an_attempt()).id)

    async def die_driving(self) -> None:
        setattr(self.here.cutting, self.random.choice(["before", "after"]), True)
        await self.drive()
        self.here.cutting.before = self.here.cutting.after = False

    async def run_todos(self) -> None:
        self.pass_by(self.random.choice([1, 70, 400]))
        await self.here.run_todos()

    async def ask(self) -> None:
        self.pass_by(self.random.choice([60, 300, 3_600, 86_400, 4 * 86_400]))
        await self.here.payments.janitor.run()

    async def cancel(self) -> None:
        payment = await self.a_payment()
        await self.here.payments.calling_off.cancel(payment.id, as_person(payment.payer_id))

    async def decide(self) -> None:
        attempt = await self.an_attempt()
        decide = self.random.choice([self.here.sandbox.approve, self.here.sandbox.refuse])
        is_known = await self.here.store.sandbox_books.find(str(attempt.id)) is not None
        if is_known and attempt.kind in {AttemptKind.CHARGE, AttemptKind.AUTHORISE}:
            self.callbacks.append(await decide(attempt.id))

    async def call_back(self) -> None:
        if self.callbacks:
            callback = self.random.choice(self.callbacks)
            await self.here.payments.callbacks.receive("STARK_PAY", callback, as_person(uuid4()))

    async def refund(self) -> None:
        refund = await self.here.refund(await self.a_payment(), self.random.choice([1, 400, 1_000]))
        if self.random.random() < 0.5:
            await self.here.payments.driving.drive_refund(refund.id)

    async def retry(self) -> None:
        payment = await self.a_payment()
        await self.here.in_unit(lambda unit: self.here.payments.opening.retry(unit, payment.id))

    async def capture(self) -> None:
        payment = await self.a_payment()
        amount = Money(self.random.choice([1, 500]), payment.amount.currency)
        await self.here.in_unit(lambda unit: self.here.payments.holds.open_capture(unit, payment.id, amount))

    async def release(self) -> None:
        payment = await self.a_payment()
        await self.here.in_unit(lambda unit: self.here.payments.holds.open_release(unit, payment.id))

    async def remove_method(self) -> None:
        attempt = await self.an_attempt()
        payment = await self.here.payment(attempt.payment_id)
        if attempt.method_id is not None:
            await self.here.payments.methods.remove(attempt.method_id, as_person(payment.payer_id))

    async def a_payment(self) -> Payment:
        if not self.payments:
            await self.open()
        return await self.here.payment(self.random.choice(self.payments))

    async def an_attempt(self) -> Attempt:
        return self.random.choice(list(await self.here.attempts((await self.a_payment()).id)))

    def pass_by(self, seconds: int) -> None:
        self.here.time.pass_by(timedelta(seconds=seconds))

    async def come_to_rest(self) -> None:
        """Everything that is owed is done, and every question is asked."""
        for _ in range(14):
            self.pass_by(86_400)
            await self.here.run_todos()
            await self.here.payments.janitor.run()

    async def judge(self) -> None:
        """Compares with the sandbox's own books."""
        booked = 0
        for payment_id in self.payments:
            payment = await self.here.payment(payment_id)
            charged, given_back = await self.here.charged(payment_id), await self.here.given_back(payment_id)
            mismatched = payment.review == "amount_mismatch"
            taken = 0 if mismatched else charged
            await self._judge_one(payment, taken, given_back)
            balance = await self.here.balances(payment.payer_id)
            assert balance[1] == taken - given_back, payment
            booked += taken - given_back
        if self.payments:
            assert balance[0] == booked

    async def _judge_one(self, payment: Payment, taken: int, given_back: int) -> None:
        attempts = await self.here.attempts(payment.id)
        assert payment.status in FOR_GOOD or payment.review is not None, payment
        moved = [each for each in attempts if each.kind in {AttemptKind.CHARGE, AttemptKind.CAPTURE}]
        assert taken == sum(each.amount.minor for each in moved if each.status is Status.SUCCEEDED)
        assert payment.settled == taken or payment.review == "paid_twice"
        assert payment.capturing == 0
        if taken and payment.status is not Status.AUTHORISED:
            assert payment.status is Status.SUCCEEDED, payment
        if payment.status is Status.SUCCEEDED:
            assert payment.settled > 0
        settlements = [event for event in self.here.events(PaymentSettled) if event.payment_id == payment.id]
        assert len(settlements) == (payment.status is Status.SUCCEEDED)
        assert payment.refunded == given_back
        refunds = await self.here.refunds(payment.id)
        assert {each.status for each in refunds} <= {Status.SUCCEEDED, Status.FAILED}
        assert payment.refunding == payment.refunded <= payment.settled


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_order_of_events_ends_as_the_sandboxs_books_have_it(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        await walk.step()
    await walk.come_to_rest()
    await walk.judge()
