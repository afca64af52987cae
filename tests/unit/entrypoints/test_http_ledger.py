"""The ledger over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.adapters.contracts.ledger_books import usd
from multiproduct.application.paging import encode_cursor
from multiproduct.domain.ledger import NewTransaction, credit, debit

BASE = "/api/v1/ledger"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


@pytest.fixture
async def admin(service: Service) -> Holder:
    holder = await a_holder(service.container, "admin")
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


async def _opened(service: Service, code: str, kind: str = "asset", **more: str) -> dict[str, Any]:
    made = await service.client.post(
        f"{BASE}/accounts", json={"code": code, "kind": kind, "currency": "USD", **more}
    )
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def _posting(to: str, source: str, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "entries": [
            {"account": to, "side": "debit", "amount": {"amount": amount, "currency": "USD"}},
            {"account": source, "side": "credit", "amount": {"amount": amount, "currency": "USD"}},
        ],
        **more,
    }


async def _prepared(service: Service) -> dict[str, Any]:
    cash = await _opened(service, "cash")
    await _opened(service, "funds", "liability", limit="debits_never_exceed_credits")
    await _opened(service, "sales", "revenue")
    return cash


async def test_a_transaction_is_posted_once_for_a_key_read_listed_and_reversed(service, admin) -> None:
    cash = await _prepared(service)
    key = {"idempotency-key": "k1"}
    body = _posting("cash", "funds", "19.99", reference="till-1")
    first = await service.client.post(f"{BASE}/transactions", json=body, headers=key)
    again = await service.client.post(f"{BASE}/transactions", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    assert first.json()["actor_id"] == str(admin.user.id)
    other = await service.client.post(
        f"{BASE}/transactions", json=_posting("cash", "funds", "1.00"), headers=key
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    place = f"{BASE}/transactions/{first.json()['id']}"
    assert (await service.client.get(place)).json() == first.json()
    listed = await service.client.get(f"{BASE}/transactions", params={"reference": "till-1"})
    assert [each["id"] for each in listed.json()["items"]] == [first.json()["id"]]
    reversed_ = await service.client.post(f"{place}/reverse", json={"description": "wrong till"})
    assert reversed_.status_code == 201, reversed_.text
    twice = await service.client.post(f"{place}/reverse", json={})
    assert (twice.status_code, twice.json()["code"]) == (409, "ledger_refused")
    read = (await service.client.get(f"{BASE}/accounts/{cash['id']}")).json()
    assert read["balance"] == {"amount": "0.00", "currency": "USD"}
    statement = (await service.client.get(f"{BASE}/statements/{cash['id']}", params={"limit": 1})).json()
    assert [line["balance"]["amount"] for line in statement["items"]] == ["19.99"]
    rest = await service.client.get(
        f"{BASE}/statements/{cash['id']}", params={"cursor": statement["next_cursor"]}
    )
    assert [line["balance"]["amount"] for line in rest.json()["items"]] == ["0.00"]


async def test_each_item_of_a_batch_is_answered(service, admin) -> None:
    await _prepared(service)
    items = [
        _posting("cash", "funds", "10.00"),
        _posting("funds", "sales", "11.00"),
        {"type": "hold", "debit_account": "funds", "credit_account": "sales",
         "amount": {"amount": "4.00", "currency": "USD"}},
        {"type": "void_hold", "hold_id": str(a_uuid())},
    ]  # fmt: skip
    done = await service.client.post(f"{BASE}/batches", json={"items": items})
    assert done.status_code == 200, done.text
    codes = [outcome["code"] for outcome in done.json()["outcomes"]]
    assert codes == ["posted", "exceeds_limit", "posted", "hold_not_found"]
    bad = await service.client.post(f"{BASE}/batches", json={"items": [_posting("cash", "funds", "1.001")]})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "items.0.entries.0.amount.amount"


async def test_a_hold_is_reserved_posted_in_part_and_gone(service, admin) -> None:
    await _prepared(service)
    await service.client.post(f"{BASE}/transactions", json=_posting("cash", "funds", "10.00"))
    wish = {"debit_account": "funds", "credit_account": "sales",
            "amount": {"amount": "8.00", "currency": "USD"}}  # fmt: skip
    hold = (await service.client.post(f"{BASE}/holds", json=wish)).json()
    assert [each["id"] for each in (await service.client.get(f"{BASE}/holds")).json()["items"]] == [
        hold["id"]
    ]
    posted = await service.client.post(f"{BASE}/holds/{hold['id']}/post", json={"amount": {"amount": "3.00"}})
    assert posted.status_code == 201, posted.text
    gone = await service.client.post(f"{BASE}/holds/{hold['id']}/void")
    assert gone.json()["code"] == "ledger_refused"
    assert (await service.client.get(f"{BASE}/holds")).json()["items"] == []
    unknown = await service.client.post(f"{BASE}/holds/{a_uuid()}/void")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ledger_transaction_not_found")
    trial = (await service.client.get(f"{BASE}/trial-balance")).json()
    assert trial["totals"] == [
        {
            "debits": {"amount": "13.00", "currency": "USD"},
            "credits": {"amount": "13.00", "currency": "USD"},
        }
    ]


async def test_the_books_are_closed_and_opened_again(service, admin) -> None:
    await _prepared(service)
    until = "2026-01-01T00:00:00Z"
    closed = await service.client.post(f"{BASE}/periods/close", json={"until": until})
    assert closed.status_code == 200, closed.text
    early = _posting("cash", "funds", "1.00", effective_at="2025-12-31T00:00:00Z")
    refused = await service.client.post(f"{BASE}/transactions", json=early)
    assert (refused.status_code, refused.json()["code"]) == (409, "ledger_refused")
    assert refused.json()["reason"] == "period_closed"
    assert refused.json()["detail"] == "It was not written: the books are closed for that time."
    again = await service.client.post(f"{BASE}/periods/close", json={"until": until})
    assert again.json()["code"] == "ledger_period_not_later"
    opened = await service.client.post(f"{BASE}/periods/reopen", json={"reason": "late invoice"})
    assert opened.status_code == 200, opened.text
    assert (await service.client.post(f"{BASE}/transactions", json=early)).status_code == 201
    periods = (await service.client.get(f"{BASE}/periods")).json()
    assert periods["closed_until"] is None
    assert [change["position"] for change in periods["items"]] == [2, 1]


async def test_an_account_is_closed_when_nothing_stands_on_it(service, admin) -> None:
    cash = await _prepared(service)
    await service.client.post(f"{BASE}/transactions", json=_posting("cash", "funds", "1.00"))
    place = f"{BASE}/accounts/{cash['id']}"
    assert (await service.client.post(f"{place}/close")).json()["code"] == "ledger_account_not_empty"
    await service.client.post(f"{BASE}/transactions", json=_posting("funds", "cash", "1.00"))
    closed = await service.client.post(f"{place}/close")
    assert closed.json()["closed_at"] is not None
    assert (await service.client.post(f"{place}/close")).json()["code"] == "ledger_account_closed"
    same = await service.client.post(
        f"{BASE}/accounts", json={"code": "cash", "kind": "asset", "currency": "USD"}
    )
    assert (same.status_code, same.json()["code"]) == (409, "ledger_account_exists")
    listed = await service.client.get(f"{BASE}/accounts", params={"kind": "asset", "limit": 1})
    assert [account["code"] for account in listed.json()["items"]] == ["cash"]
    balance = await service.client.get(f"{place}/balance", params={"posted_before": "2020-01-01T00:00:00Z"})
    assert balance.json()["debits"]["amount"] == "0.00"


async def test_a_hold_is_not_posted_by_an_amount_of_another_currency(service, admin) -> None:
    await _prepared(service)
    await service.client.post(f"{BASE}/transactions", json=_posting("cash", "funds", "10.00"))
    wish = {"debit_account": "funds", "credit_account": "sales",
            "amount": {"amount": "8.00", "currency": "USD"}}  # fmt: skip
    hold = (await service.client.post(f"{BASE}/holds", json=wish)).json()
    yen = {"type": "post_hold", "hold_id": hold["id"], "key": "h",
           "amount": {"amount": "5", "currency": "JPY"}}  # fmt: skip
    dollars = {**yen, "amount": {"amount": "5.00", "currency": "USD"}}
    outcomes = []
    for item in (yen, dollars, dollars, {**yen, "amount": {"amount": "500", "currency": "JPY"}}):
        done = await service.client.post(f"{BASE}/batches", json={"items": [item]})
        outcomes.append(done.json()["outcomes"][0]["code"])
    assert outcomes == ["currency_mismatch", "posted", "exists", "exists_with_different_content"]


async def test_nobody_uses_up_a_key_that_the_program_posts_under(service, admin) -> None:
    await _prepared(service)
    taken = _posting("nowhere", "funds", "1.00", key="payments.take:1")
    refused = await service.client.post(f"{BASE}/transactions", json=taken)
    assert (refused.status_code, refused.json()["code"]) == (409, "ledger_refused"), refused.text
    again = await service.client.post(f"{BASE}/batches", json={"items": [taken]})
    assert again.json()["outcomes"][0]["code"] == "key_already_failed"
    entries = (debit("cash", usd(100)), credit("funds", usd(100)))
    own = NewTransaction(entries=entries, key="payments.take:1")
    (outcome,) = await service.container.ledger.transacting.write([own])
    assert outcome.code == "posted"


async def test_the_longest_keys_are_taken_and_told_as_they_were_given(service, admin) -> None:
    await _prepared(service)
    longest = {"idempotency-key": "k" * 255}
    place, body = f"{BASE}/transactions", _posting("cash", "funds", "1.00")
    first = await service.client.post(place, json=body, headers=longest)
    again = await service.client.post(place, json=body, headers=longest)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    named = await service.client.post(place, json={**body, "key": "k-1"})
    assert named.json()["key"] == "k-1"
    assert (await service.client.post(place, json={**body, "key": "k" * 255})).status_code == 201


async def test_a_cursor_that_points_nowhere_is_refused(service, admin) -> None:
    cash = await _prepared(service)
    cursor = encode_cursor(0, str(a_uuid()), 10**12, 0)
    found = await service.client.get(f"{BASE}/statements/{cash['id']}", params={"cursor": cursor})
    assert (found.status_code, found.json()["errors"][0]["field"]) == (422, "cursor")
