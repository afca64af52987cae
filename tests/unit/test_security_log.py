"""What of the events those who watch the service are told."""

import logging

import pytest
from tests.unit.entrypoints.http_service import BASE, running_service

from multiproduct.domain.audit import EVENTS as AUDIT_EVENTS
from multiproduct.domain.identity import EVENTS as IDENTITY_EVENTS
from multiproduct.domain.otp import EVENTS as OTP_EVENTS

EVERY_EVENT = (*OTP_EVENTS, *AUDIT_EVENTS, *IDENTITY_EVENTS)


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: event.NAME)
def test_every_event_says_whether_it_concerns_security(event):
    assert isinstance(vars(event).get("CONCERNS_SECURITY"), bool)


@pytest.mark.parametrize("fact", ["role_revoked"])
def test_what_changes_who_may_do_what_or_gets_in_is_told(fact):
    (event,) = (each for each in EVERY_EVENT if f"identity.{fact}" == each.NAME)
    assert event.CONCERNS_SECURITY


async def test_whoever_asks_for_what_they_may_not_stands_in_both_logs(caplog):
    caplog.set_level(logging.INFO, logger="multiproduct.security")
    async with running_service() as service:
        user = await service.signed_up()
        service.client.headers["authorization"] = f"Bearer {(await service.signed_in())['access']}"
        refused = await service.client.get(f"{BASE}/roles")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        mine = (await service.client.get("/api/v1/audit/mine")).json()
    told = [each for each in caplog.records if each.getMessage() == "identity.access_refused"]
    assert [(vars(each)["actor_id"], vars(each)["resource_id"]) for each in told] == [
        (user["id"], "role.list")
    ]
    assert mine["items"]
