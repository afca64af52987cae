"""Billing over HTTP: ordering, invoicing, paying, in canonical names and in those of the source systems."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.application.identity.role_holders import a_holder
from tests.unit.entrypoints.http_service import Service, running_service


@pytest.fixture
async def service(anyio_backend: str) -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def test_invoices_are_issued_paid_credited_and_printed(service: Service) -> None:
    ada_id, ada = await _signed_in(service, "standard_user")
    _, admin = await _signed_in(service, "admin")
    _, eve = await _signed_in(service, "standard_user")
    body = {
        "customer_id": ada_id,
        "currency": "USD",
        "lines": [{"description": "Consulting", "unit_price": "10.00", "quantity": 3}],
    }
    refused = await service.client.post("/api/v1/billing/invoices", json=body, headers=ada)
    assert refused.status_code == 403
    keyed = admin | {"idempotency-key": "one"}
    issued = await service.client.post("/api/v1/billing/invoices", json=body, headers=keyed)
    again = await service.client.post("/api/v1/billing/invoices", json=body, headers=keyed)
    assert (issued.status_code, issued.json()) == (201, again.json())
    invoice = issued.json()
    assert (invoice["number"], invoice["total_amount"]["amount"]) == ("INV-2026-000001", "30.00")

    own = f"/api/v1/billing/invoices/{invoice['id']}"
    assert (await service.client.get(own, headers=eve)).status_code == 404
    listed = await service.client.get("/invoices/", headers=ada)
    (row,) = listed.json()["items"]
    assert (row["invoice_number"], row["total_amount"]) == ("INV-2026-000001", "30.00")
    assert {"issued_date", "due_date", "user_id", "currency"} <= row.keys()

    asked = {"invoice_ids": [invoice["id"]], "payment_method": "credit_card"}
    assert (await service.client.post("/payment/process/", json=asked, headers=eve)).status_code == 404
    paid = await service.client.post("/payment/process/", json=asked, headers=ada)
    assert (paid.status_code, paid.json()["status"]) == (201, "settled")
    twice = await service.client.post("/payment/process/", json=asked, headers=ada)
    assert twice.status_code == 409

    fluxus = await service.client.get(f"/payment/invoice/{invoice['order_id']}/", headers=ada)
    assert fluxus.json()["status"] == "paid"
    credit = {"invoice_id": invoice["id"], "amount": "5.00"}
    note = await service.client.post("/api/v1/billing/credit-notes", json=credit, headers=admin)
    assert note.json()["number"] == "CN-2026-000001"
    statement = await service.client.get("/api/v1/billing/statements?currency=USD", headers=ada)
    kinds = [entry["kind"] for entry in statement.json()["entries"]]
    assert kinds == ["invoice", "payment", "credit_note"]
    for path in (own, f"/api/v1/billing/credit-notes/{note.json()['id']}"):
        printed = await service.client.get(f"{path}/pdf", headers=ada)
        assert printed.headers["content-type"] == "application/pdf"
        assert printed.headers["cache-control"].startswith("private")
        assert printed.content.startswith(b"%PDF-")
        assert (await service.client.get(f"{path}/pdf", headers=eve)).status_code == 404
    file = "/api/v1/billing/statements/pdf?currency=USD"
    printed = await service.client.get(file, headers=ada)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf"), printed.text
    assert printed.content.startswith(b"%PDF-")
    other = await service.client.get(f"{file}&customer_id={ada_id}", headers=eve)
    assert other.status_code == 404
    assert (await service.client.get(f"{file}&customer_id={ada_id}", headers=admin)).status_code == 200


async def _signed_in(service: Service, role: str) -> tuple[str, dict[str, str]]:
    holder = await a_holder(service.container, role)
    return str(holder.user.id), {"authorization": f"Bearer {holder.token}"}
