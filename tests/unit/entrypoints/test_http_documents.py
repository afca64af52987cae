"""Documents, consents and texted codes over HTTP."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import PASSWORD, Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import CreateAdmin

BASE = "/api/v1/identity"
PDF = b"%PDF-1.7 a licence"
LICENCE = {"kind": "trade_licence", "name": "Licence"}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


@pytest.fixture
async def tony(service: Service) -> dict[str, str]:
    await service.signed_up("tony@stark.com")
    return _bearer(await service.signed_in("tony@stark.com"))


def _bearer(tokens) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access']}"}


async def test_a_document_goes_from_its_announcement_to_its_review(service: Service, tony) -> None:
    client = service.client
    announced = await client.post(f"{BASE}/me/documents", json=LICENCE, headers=tony)
    assert (announced.status_code, announced.json()["state"]) == (201, "awaited")
    mine = f"{BASE}/me/documents/{announced.json()['id']}"
    sent = await client.put(f"{mine}/file", content=PDF, headers={**tony, "content-type": "application/pdf"})
    assert (sent.status_code, sent.json()["content_type"]) == (200, "application/pdf")
    again = await client.put(f"{mine}/file", files={"file": ("x.png", PDF)}, headers=tony)
    assert (again.status_code, again.json()["code"]) == (409, "document_settled")
    file = await client.get(f"{mine}/file", headers=tony)
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["cache-control"] == "no-store"
    assert "sandbox" in file.headers["content-security-policy"]
    assert (await client.get(f"{mine}/file")).status_code == 401

    await service.container.identity.administration.create_admin(
        CreateAdmin(email="boss@stark.com", username="the.boss", password=PASSWORD), SYSTEM
    )
    boss = _bearer(await service.signed_in("boss@stark.com"))
    me = (await client.get(f"{BASE}/me", headers=tony)).json()["id"]
    theirs = f"{BASE}/users/{me}/documents"
    listed = (await client.get(theirs, headers=boss)).json()["items"]
    assert [each["state"] for each in listed] == ["submitted"]
    assert (await client.get(theirs, headers=tony)).status_code == 403
    one = f"{theirs}/{announced.json()['id']}"
    assert (await client.get(f"{one}/file", headers=boss)).content == PDF
    refused = await client.post(f"{one}/review", json={"approve": False}, headers=boss)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason")
    done = await client.post(f"{one}/review", json={"approve": False, "reason": "Too old."}, headers=boss)
    assert done.json()["state"] == "rejected"
    seen = (await client.get(mine, headers=tony)).json()
    assert (seen["state"], seen["reason"]) == ("rejected", "Too old.")
    assert (await client.delete(mine, headers=tony)).status_code == 200
    assert (await client.get(mine, headers=tony)).status_code == 404


async def test_what_is_no_document_is_told_so(service: Service, tony) -> None:
    announced = await service.client.post(f"{BASE}/me/documents", json=LICENCE, headers=tony)
    answer = await service.client.put(
        f"{BASE}/me/documents/{announced.json()['id']}/file",
        content=b"<script>",
        headers={**tony, "content-type": "application/pdf"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_document")


async def test_consents_are_given_and_withdrawn(service: Service, tony) -> None:
    client, path = service.client, f"{BASE}/me/consents"
    given = await client.post(path, json={"kind": "terms", "version": "2026-11"}, headers=tony)
    assert (given.status_code, given.json()["is_given"]) == (200, True)
    assert (await client.post(path, json={"kind": "No!", "version": "1"}, headers=tony)).status_code == 422
    gone = await client.post(f"{path}/withdraw", json={"kind": "terms"}, headers=tony)
    assert gone.json()["is_given"] is False
    seen = (await client.get(path, headers=tony)).json()
    assert (seen["standing"], [each["is_given"] for each in seen["log"]]) == ([], [False, True])


async def test_a_sign_up_can_agree_to_texts(service: Service) -> None:
    wrong = await service.post(
        f"{BASE}/registration",
        email="pepper@stark.com",
        password=PASSWORD,
        consents=[{"kind": "terms", "version": ""}],
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "consents.0.version")
    asked = await service.post(
        f"{BASE}/registration",
        email="pepper@stark.com",
        password=PASSWORD,
        consents=[{"kind": "terms", "version": "2026-11"}],
    )
    assert asked.status_code == 202
    code = await service.code("pepper@stark.com")
    await service.post(f"{BASE}/registration/verify", challenge_id=asked.json()["challenge_id"], otp=code)
    pepper = _bearer(await service.signed_in("pepper@stark.com"))
    seen = (await service.client.get(f"{BASE}/me/consents", headers=pepper)).json()
    assert [(each["kind"], each["source"]) for each in seen["standing"]] == [("terms", "sign_up")]


async def test_texts_are_no_second_factor_unless_the_installation_says_so(service: Service, tony) -> None:
    answer = await service.client.post(f"{BASE}/second-factors/sms", headers=tony)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_configured")
