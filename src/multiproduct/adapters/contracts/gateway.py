"""What every gateway must do: the promises of the `Gateway` port.

A test of a real gateway brings three fixtures: `gateway`; `settle`, which does what makes a charge of it
succeed (nothing, where it succeeds at once); and `charged`, which asks the gateway's own books how much was
taken under a key.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import a_user_id, a_uuid
from multiproduct.application.payments.gateways import (
    CallbackRequest,
    ChargeOrder,
    Feature,
    Gateway,
    Question,
    QuestionKind,
    RefundOrder,
    money,
)
from multiproduct.domain.payments import (
    CallbackRefused,
    CalledOff,
    Declined,
    MethodRefused,
    NeverHeard,
    Outcome,
    Pending,
    Settled,
    Unknown,
)

AMOUNT = money(1_234, "USD")
Settle = Callable[[UUID], Awaitable[None]]
Charged = Callable[[UUID], Awaitable[int]]


def an_order() -> ChargeOrder:
    """A charge that nothing speaks against."""
    return ChargeOrder(key=a_uuid(), payment_id=a_uuid(), payer_id=a_user_id(), amount=AMOUNT)


def a_question(order: ChargeOrder, outcome: Outcome | None = None) -> Question:
    """What became of the charge?"""
    pending = outcome if isinstance(outcome, Pending) else Pending()
    return Question(
        key=order.key,
        kind=QuestionKind.CHARGE,
        reference=pending.reference,
        amount=order.amount,
        deadline=pending.deadline,
        instructions=pending.instructions,
    )


class GatewayContract:
    """Over every adapter."""

    async def test_its_name_can_stand_in_a_path_and_an_account(self, gateway: Gateway) -> None:
        assert gateway.name.replace("_", "").isalnum()
        assert gateway.name == gateway.name.upper()

    async def test_a_charge_is_settled_declined_waiting_or_unknown(self, gateway: Gateway) -> None:
        outcome = await gateway.charge(an_order())
        assert isinstance(outcome, Settled | Declined | Pending | Unknown)

    async def test_what_is_settled_is_what_was_asked_for(
        self, gateway: Gateway, settle: Settle, charged: Charged
    ) -> None:
        order = an_order()
        await gateway.charge(order)
        await settle(order.key)
        assert await charged(order.key) == AMOUNT.minor

    async def test_the_same_key_charges_once(
        self, gateway: Gateway, settle: Settle, charged: Charged
    ) -> None:
        order = an_order()
        first = await gateway.charge(order)
        await asyncio.gather(*(gateway.charge(order) for _ in range(16)))
        await settle(order.key)
        again = await gateway.charge(order)
        assert await charged(order.key) == AMOUNT.minor
        if isinstance(first, Settled):
            assert again == first

    async def test_other_keys_charge_again(self, gateway: Gateway, settle: Settle, charged: Charged) -> None:
        first = an_order()
        second = replace(first, key=a_uuid())
        for order in (first, second):
            await gateway.charge(order)
            await settle(order.key)
        assert [await charged(order.key) for order in (first, second)] == [AMOUNT.minor] * 2

    async def test_a_question_moves_nothing_and_answers_as_the_charge_did(
        self, gateway: Gateway, charged: Charged
    ) -> None:
        order = an_order()
        outcome = await gateway.charge(order)
        before = await charged(order.key)
        answers = [await gateway.ask(a_question(order, outcome)) for _ in range(3)]
        assert answers == [outcome] * 3
        assert await charged(order.key) == before

    async def test_a_question_about_nothing_charges_nothing(self, gateway: Gateway, charged: Charged) -> None:
        order = an_order()
        answer = await gateway.ask(a_question(order))
        assert isinstance(answer, NeverHeard | Unknown | Pending)
        assert await charged(order.key) == 0

    async def test_what_is_called_off_is_not_charged_afterwards(
        self, gateway: Gateway, settle: Settle, charged: Charged
    ) -> None:
        if Feature.CANCEL not in gateway.features:
            pytest.skip("the gateway cannot call anything off")
        order = an_order()
        outcome = await gateway.charge(order)
        answer = await gateway.cancel(a_question(order, outcome))
        if isinstance(answer, CalledOff):
            assert await charged(order.key) == 0
        else:
            assert isinstance(answer, Settled)
            await settle(order.key)
            assert await charged(order.key) == AMOUNT.minor

    async def test_a_refund_is_not_more_than_was_taken_and_once_for_a_key(self, gateway: Gateway) -> None:
        if Feature.REFUND not in gateway.features:
            pytest.skip("the gateway gives nothing back")
        order = an_order()
        if not isinstance(await gateway.charge(order), Settled):
            return
        refund = RefundOrder(
            key=a_uuid(),
            payer_id=order.payer_id,
            amount=AMOUNT,
            charge_key=order.key,
            charge_reference=None,
            reason="a test",
        )
        first = await gateway.refund(refund)
        assert await gateway.refund(refund) == first
        assert isinstance(first, Settled)
        assert first.amount == AMOUNT
        more = await gateway.refund(replace(refund, key=a_uuid(), amount=money(1, "USD")))
        assert isinstance(more, Declined)

    async def test_a_callback_that_is_not_signed_is_refused(self, gateway: Gateway) -> None:
        for body in (b"", b"{}", b'{"id": "1"}', b"\xff\x00"):
            with pytest.raises(CallbackRefused):
                gateway.read_callback(CallbackRequest(headers={}, body=body))

    async def test_a_method_is_stored_with_a_token_of_the_gateways_own_or_refused(
        self, gateway: Gateway
    ) -> None:
        if Feature.STORED_METHODS not in gateway.features:
            with pytest.raises(MethodRefused):
                await gateway.store_method(key=a_uuid(), owner_id=a_user_id(), token="tok_approve")
            return
        key, owner = a_uuid(), a_user_id()
        stored = [await gateway.store_method(key=key, owner_id=owner, token="tok_approve") for _ in range(2)]
        assert stored[0] == stored[1]
        assert stored[0].token != "tok_approve"
        assert len(stored[0].last4) == 4
        await gateway.detach_method(stored[0].token)
        await gateway.detach_method(stored[0].token)
        outcome = await gateway.charge(replace(an_order(), token=stored[0].token))
        assert isinstance(outcome, Declined)
