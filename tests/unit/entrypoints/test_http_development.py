"""The development aids: the mailbox as programs read it, and the test clock."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


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
