"""Stored methods: sealed, one's own, and never charged once they are removed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.paying import Killed, as_person, paying

from multiproduct.application.caller import ANYBODY
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.domain.payments import (
    MethodRefused,
    PaymentMethodRemoved,
    Status,
    UnknownGateway,
    UnknownPaymentMethod,
)
from multiproduct.domain.shared import Unauthenticated


async def test_the_first_method_is_the_default_one_until_another_is_preferred() -> None:
    here, me = paying(), uuid4()
    first, second = [await here.store_method(me, "approve") for _ in range(2)]
    listed = (await here.payments.methods.own(as_person(me))).items
    assert [(each.id, each.is_default) for each in listed] == [(first, True), (second, False)]
    await here.payments.methods.prefer(second, as_person(me))
    listed = (await here.payments.methods.own(as_person(me))).items
    assert [(each.id, each.is_default) for each in listed] == [(second, True), (first, False)]


async def test_the_token_is_kept_sealed_and_told_to_nobody() -> None:
    here, me = paying(), uuid4()
    method_id = await here.store_method(me, "approve")
    async with here.units.view(ANYBODY) as view:
        kept = await view.payment_methods.find(method_id)
    assert b"pm_" not in kept.sealed_token
    assert "pm_" not in (await here.payments.methods.own(as_person(me))).model_dump_json()


async def test_the_same_key_stores_one_method() -> None:
    here, me = paying(), as_person(uuid4())
    command = StoreMethod(gateway="STARK_PAY", token="tok_approve")
    stored = [await here.payments.methods.store(command, me, idempotency_key="k") for _ in range(3)]
    assert len({each.id for each in stored}) == 1
    assert len((await here.payments.methods.own(me)).items) == 1


async def test_a_method_that_the_gateway_refuses_is_not_stored() -> None:
    here, me = paying(), as_person(uuid4())
    with pytest.raises(MethodRefused):
        await here.payments.methods.store(StoreMethod(gateway="STARK_PAY", token="tok_nonsense"), me)
    with pytest.raises(UnknownGateway):
        await here.payments.methods.store(StoreMethod(gateway="NO_SUCH", token="tok_approve"), me)
    assert (await here.payments.methods.own(me)).items == []


async def test_somebody_elses_method_is_as_if_it_were_not_there() -> None:
    here = paying()
    method_id = await here.store_method(uuid4(), "approve")
    for ask in (here.payments.methods.prefer, here.payments.methods.remove):
        with pytest.raises(UnknownPaymentMethod):
            await ask(method_id, as_person(uuid4()))
        with pytest.raises(Unauthenticated):
            await ask(method_id, ANYBODY)


async def test_a_removed_method_is_never_charged() -> None:
    here, me = paying(), uuid4()
    method_id = await here.store_method(me, "approve")
    payment = await here.open(payer_id=me, method_id=method_id, is_off_session=True)
    await here.payments.methods.remove(method_id, as_person(me))
    await here.run_todos()
    kept = await here.payment(payment.id)
    assert (kept.status, kept.decline_code) == (Status.FAILED, "method_removed")
    assert here.cutting.calls == 0
    with pytest.raises(UnknownPaymentMethod):
        await here.open(payer_id=me, method_id=method_id)
    assert len(here.events(PaymentMethodRemoved)) == 1


@pytest.mark.parametrize(
    ("when", "status", "charged"), [("before", "failed", 0), ("after", "succeeded", 2_000)]
)
async def test_what_was_begun_before_a_removal_is_asked_about_and_not_charged_again(
    when: str, status: str, charged: int
) -> None:
    here, me = paying(), uuid4()
    method_id = await here.store_method(me, "approve")
    payment = await here.open(payer_id=me, method_id=method_id)
    setattr(here.cutting, when, True)
    with pytest.raises(Killed):
        await here.payments.driving.drive(payment.id)
    await here.payments.methods.remove(method_id, as_person(me))
    here.time.pass_by(timedelta(minutes=1))
    assert (await here.payments.driving.drive(payment.id)).status == status
    assert here.cutting.calls == 1
    assert await here.charged(payment.id) == charged


async def test_the_gateway_forgets_a_removed_method_and_so_do_we() -> None:
    here, me = paying(), uuid4()
    method_id = await here.store_method(me, "approve")
    await here.payments.methods.remove(method_id, as_person(me))
    await here.run_todos()
    async with here.units.view(ANYBODY) as view:
        kept = await view.payment_methods.find(method_id)
    assert kept.last4 == ""
    assert here.payments.methods._orders.token(kept) == ""
    record = await here.store.sandbox_books.find(f"pm_approve.{method_id}")
    assert record.document["is_detached"]
