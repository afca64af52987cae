"""The pages behind mail links, and the development aids."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


async def test_looking_at_a_verification_link_changes_nothing_and_its_button_verifies(service) -> None:
    await service.post(f"{BASE}/registration", email="tony@stark.com", password=PASSWORD)
    link = await service.link("tony@stark.com", "verify-email")
    for _ in range(3):
        page = await service.client.get(link)
        assert page.status_code == 200
        assert '<form method="post">' in page.text
        assert "<script" not in page.text
    done = await service.client.post(link)
    assert (done.status_code, "You are verified." in done.text) == (200, True)
    assert (await service.signed_in())["user"]["is_email_verified"] is True
    assert (await service.client.post(link)).status_code == 422


async def test_a_name_taken_meanwhile_is_asked_for_again(service) -> None:
    for email in ("tony@stark.com", "other@stark.com"):
        await service.post(f"{BASE}/registration", email=email, password=PASSWORD, username="tony.s")
    for email in ("tony@stark.com",):
        await service.client.post(await service.link(email, "verify-email"))
    link = await service.link("other@stark.com", "verify-email")
    taken = await service.client.post(link)
    assert taken.status_code == 409
    assert 'name="username"' in taken.text
    assert (await service.client.post(link, data={"username": "tony.other"})).status_code == 200


async def test_a_reset_link_sets_a_password_that_is_good_enough(service) -> None:
    await service.signed_up()
    await service.post(f"{BASE}/password-reset", email="tony@stark.com")
    link = await service.link("tony@stark.com", "reset-password", count=3)
    assert 'type="password"' in (await service.client.get(link)).text
    for weak in ("", "short", "x" * 2_000):
        refused = await service.client.post(link, data={"new_password": weak})
        assert (refused.status_code, 'type="password"' in refused.text) == (422, True)
    done = await service.client.post(link, data={"new_password": "another long walk"})
    assert (done.status_code, "Your password has been changed." in done.text) == (200, True)
    answer = await service.post(f"{BASE}/sign-in", email="tony@stark.com", password="another long walk")
    assert answer.status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 200, "%00", "%ff", "%3Cscript%3E"])
@pytest.mark.parametrize("page", ["verify-email", "reset-password"])
async def test_a_link_that_is_none_is_refused_kindly(service, page, token) -> None:
    answer = await service.client.post(f"/{page}/{token}", data={"new_password": "another long walk"})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "The code is not right" in answer.text


async def test_pages_speak_the_readers_language_and_direction(service) -> None:
    page = await service.client.get("/reset-password/x", headers={"accept-language": "fa"})
    assert '<html lang="fa" dir="rtl">' in page.text
    assert "page.new_password" not in page.text
    assert page.headers["content-language"] == "fa"


async def test_pages_allow_their_own_style_and_nothing_else(service) -> None:
    policy = (await service.client.get("/verify-email/x")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy


async def test_the_mailbox_lists_the_newest_message_first(service) -> None:
    await service.signed_up()
    await service.latest_mail("tony@stark.com", count=2)
    answer = await service.client.get("/dev/mailbox", params={"to": "tony@stark.com", "limit": 2})
    items = answer.json()["items"]
    assert [set(item) for item in items] == [{"channel", "to", "subject", "text", "html", "created_at"}] * 2
    assert items[0]["created_at"] >= items[1]["created_at"]
    assert (await service.client.get("/dev/mailbox?to=nobody@stark.com")).json()["items"] == []
    for wrong in ("0", "1001", "x"):
        assert (await service.client.get(f"/dev/mailbox?limit={wrong}")).status_code == 422


async def test_people_see_the_mailbox_as_a_page(service) -> None:
    await service.post(f"{BASE}/registration", email="tony@stark.com", password=PASSWORD)
    await service.latest_mail("tony@stark.com")
    page = await service.client.get("/dev/mailbox", headers={"accept": "text/html,*/*;q=0.5"})
    assert page.headers["content-type"].startswith("text/html")
    assert "tony@stark.com" in page.text
    assert re.search(r"\b[0-9]{6}\b", page.text)


async def test_the_test_clock_moves_for_everything_after(service) -> None:
    before = (await service.client.get("/dev/clock")).json()
    assert before["offset"] == "PT0S"
    moved = await service.client.post("/dev/clock", json={"advance": "P1DT2H"})
    assert (moved.status_code, moved.json()["offset"]) == (200, "P1DT2H")
    step = datetime.fromisoformat(moved.json()["now"]) - datetime.fromisoformat(before["now"])
    assert step >= timedelta(days=1, hours=2)
    sent = await service.post(f"{BASE}/registration", email="tony@stark.com", password=PASSWORD)
    assert datetime.fromisoformat(sent.json()["expires_at"]) > datetime.fromisoformat(moved.json()["now"])


@pytest.mark.parametrize("step", ["-P1D", "P20Y", "tomorrow", 5, None, ""])
async def test_the_test_clock_never_goes_back_or_too_far(service, step) -> None:
    answer = await service.post("/dev/clock", advance=step)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "advance"


async def test_without_the_setting_there_is_no_test_clock() -> None:
    async with running_service() as service:
        assert (await service.client.get("/dev/clock")).status_code == 404
        assert (await service.client.get("/dev/mailbox")).status_code == 200
