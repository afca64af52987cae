"""Payments over HTTP: one's own, those that staff looks after, and where gateways call back."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.unit.application.identity.role_holders import a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.application.caller import SYSTEM
from multiproduct.application.payments import NewPayment
from multiproduct.domain.shared import Currency, Money

BASE = "/api/v1/payments"
BANK = "BANK_TRANSFER"


@pytest.fixture
async def service():
    async with running_service(
        rate_limit_profile="unlimited", bank_transfer_account="A bank, 12345"
    ) as running:
        yield running


async def _open(service: Service, payer_id: UUID, *, minor: int = 2_000, gateway: str = "STARK_PAY") -> str:
    new = NewPayment(
        payer_id=payer_id,
        amount=Money(minor, Currency("USD")),
        purpose="test.thing",
        purpose_id=uuid4(),
        gateway=gateway,
    )
    async with service.container.units.open(SYSTEM) as unit:
        payment = await service.container.payments.opening.open(unit, new)
        await unit.commit()
    await service.container.payments.driving.drive(payment.id)
    return str(payment.id)


async def _somebody(service: Service, role: str = "standard_user") -> tuple[UUID, dict[str, str]]:
    holder = await a_holder(service.container, role)
    return holder.user.id, {"authorization": f"Bearer {holder.token}"}


async def _ask(service: Service, method: str, path: str, who: dict[str, str], **carried: Any) -> Any:
    return await service.client.request(method, f"{BASE}{path}", headers=who, **carried)


async def test_everybody_reads_their_own_payments_and_nobody_elses(service: Service) -> None:
    user_id, me = await _somebody(service)
    _, stranger = await _somebody(service)
    ids = [await _open(service, user_id) for _ in range(3)]
    first = (await _ask(service, "GET", "/mine", me, params={"limit": 2})).json()
    rest = (await _ask(service, "GET", "/mine", me, params={"cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    answer = await _ask(service, "GET", f"/payments/{ids[0]}", me)
    assert answer.json()["payment"]["status"] == "succeeded"
    assert answer.json()["payment"]["amount"] == {"amount": "20.00", "currency": "USD"}
    assert (await _ask(service, "GET", f"/payments/{ids[0]}", stranger)).json()["code"] == "unknown_payment"
    assert (await _ask(service, "GET", "/mine", stranger)).json() == {"items": [], "next_cursor": None}


async def test_a_method_is_stored_preferred_and_removed(service: Service) -> None:
    _, me = await _somebody(service)
    stored = []
    for token in ("tok_approve", "tok_pending"):
        answer = await _ask(service, "POST", "/methods", me, json={"gateway": "STARK_PAY", "token": token})
        assert answer.status_code == 201, answer.text
        assert "token" not in answer.json()
        stored.append(answer.json()["id"])
    assert (await _ask(service, "POST", f"/methods/{stored[1]}/default", me)).json()["is_default"]
    assert (await _ask(service, "DELETE", f"/methods/{stored[1]}", me)).json()["message"]
    assert [each["id"] for each in (await _ask(service, "GET", "/methods", me)).json()["items"]] == stored[:1]
    refused = await _ask(service, "POST", "/methods", me, json={"gateway": "STARK_PAY", "token": "4242"})
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_method_refused")


async def test_staff_confirms_a_transfer_and_gives_it_back(service: Service) -> None:
    user_id, me = await _somebody(service)
    _, staff = await _somebody(service, "admin")
    payment_id = await _open(service, user_id, gateway=BANK)
    shown = (await _ask(service, "GET", f"/payments/{payment_id}", me)).json()
    assert shown["attempts"][0]["instructions"]["account"] == "A bank, 12345"
    path = f"/payments/{payment_id}"
    wrong = {"received": "19.99", "reference": "a transfer"}
    answer = await _ask(service, "POST", f"{path}/confirm", staff, json=wrong)
    assert answer.json()["code"] == "payment_amount_mismatch"
    assert "19.99" in answer.json()["detail"]
    right = {"received": {"amount": "20.00", "currency": "USD"}, "reference": "a transfer"}
    assert (await _ask(service, "POST", f"{path}/confirm", staff, json=right)).json()["status"] == "succeeded"
    key = {**staff, "idempotency-key": "once"}
    refunds = [
        (await _ask(service, "POST", f"{path}/refunds", key, json={"amount": "5", "reason": "x"})).json()
        for _ in range(2)
    ]
    assert refunds[0]["id"] == refunds[1]["id"]
    answer = await _ask(service, "POST", f"/refunds/{refunds[0]['id']}/confirm", staff)
    assert answer.json()["status"] == "succeeded"
    shown = (await _ask(service, "GET", path, me)).json()
    told = shown["payment"]
    assert (told["status"], told["refunded"]["amount"]) == ("partially_refunded", "5.00")
    listed = (await _ask(service, "GET", "/payments", staff, params={"payer_id": str(user_id)})).json()
    assert [each["id"] for each in listed["items"]] == [payment_id]


async def test_a_payment_that_waits_is_called_off(service: Service) -> None:
    user_id, me = await _somebody(service)
    payment_id = await _open(service, user_id, gateway=BANK)
    for _ in range(2):
        answer = await _ask(service, "POST", f"/payments/{payment_id}/cancel", me)
        assert answer.json()["status"] == "cancelled"
    paid = await _open(service, user_id)
    answer = await _ask(service, "POST", f"/payments/{paid}/cancel", me)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_state")


async def test_a_callback_is_taken_by_its_raw_bytes_and_once(service: Service) -> None:
    user_id, me = await _somebody(service)
    payment_id = await _open(service, user_id, minor=9_903)
    sandbox = service.container.payments.gateways.outside("STARK_PAY")
    assert isinstance(sandbox, SandboxGateway)
    shown = (await _ask(service, "GET", f"/payments/{payment_id}", me)).json()
    callback = await sandbox.approve(UUID(shown["attempts"][0]["id"]))
    told = [
        await service.client.post(
            f"{BASE}/callbacks/STARK_PAY", content=callback.body, headers=dict(callback.headers)
        )
        for _ in range(2)
    ]
    assert [(each.status_code, each.json()["notices"]) for each in told] == [(200, 1), (200, 0)]
    for body, headers in ((callback.body + b" ", callback.headers), (callback.body, {}), (b"", {})):
        answer = await service.client.post(f"{BASE}/callbacks/STARK_PAY", content=body, headers=dict(headers))
        assert (answer.status_code, answer.json()["code"]) == (401, "callback_refused")
    answer = await service.client.post(f"{BASE}/callbacks/NO_SUCH", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_gateway")


async def test_a_good_callback_is_never_refused_by_limits() -> None:
    async with running_service(rate_limit_profile="multiproduct") as service:
        user_id, _ = await _somebody(service)
        payment_id = await _open(service, user_id, minor=9_903)
        async with service.container.units.view(SYSTEM) as view:
            payment = await view.payments.find(UUID(payment_id))
        sandbox = service.container.payments.gateways.outside("STARK_PAY")
        callback = await sandbox.approve(payment.attempt_id)
        path = f"{BASE}/callbacks/STARK_PAY"
        statuses = {(await service.client.post(path, content=b"{}")).status_code for _ in range(400)}
        assert statuses == {401, 429}
        answer = await service.client.post(path, content=callback.body, headers=dict(callback.headers))
        assert answer.status_code == 200
