"""Preferences, quiet hours, unsubscribing, the suppression list and the delivery log over HTTP."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.preference_commands import ChangeSettings, Choice, Choose
from multiproduct.application.notifications.unsubscribe_tokens import UnsubscribeTokens
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared import Unauthenticated
from multiproduct.settings import Settings

BASE = "/api/v1/notifications"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def signed_in(service: Service, *roles: str) -> Holder:
    holder = await a_holder(service.container, *(roles or ("standard_user",)))
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


def channel_of(answer, type_key: str, channel: str):
    [type_] = [each for each in answer.json()["types"] if each["type"] == type_key]
    [found] = [each for each in type_["channels"] if each["channel"] == channel]
    return found["enabled"], found["layer"]


async def test_the_narrower_choice_wins_and_is_named_and_taken_back(service: Service) -> None:
    await signed_in(service)
    asked = ("billing.invoice_issued", "email")
    assert channel_of(await service.client.get(f"{BASE}/preferences"), *asked) == (True, "type_default")
    for choice, found in (
        ({"channel": "email", "enabled": False}, (False, "user_channel")),
        ({"category": "billing", "enabled": True}, (True, "user_category")),
        ({"type": "billing.invoice_issued", "enabled": False}, (False, "user_type")),
        (
            {"type": "billing.invoice_issued", "channel": "email", "enabled": True},
            (True, "user_type_channel"),
        ),
    ):
        answer = await service.client.put(f"{BASE}/preferences", json={"choices": [choice]})
        assert answer.status_code == 200, answer.text
        assert channel_of(answer, *asked) == found
    assert len(answer.json()["choices"]) == 4
    back = {"choices": [{"type": "billing.invoice_issued", "channel": "email", "enabled": None}]}
    assert channel_of(await service.client.put(f"{BASE}/preferences/", json=back), *asked) == (
        False,
        "user_type",
    )
    mandatory = channel_of(await service.client.get(f"{BASE}/preferences"), "identity.security", "email")
    assert mandatory == (True, "mandatory")


@pytest.mark.parametrize(
    ("choice", "field", "code"),
    [
        ({"type": "no.such", "enabled": True}, "choices.0.type", "unknown_notification_type"),
        ({"type": "identity.security", "enabled": False}, "choices.0.type", "notification_is_mandatory"),
        ({"enabled": True}, "choices.0", "one_target"),
        ({"category": "billing", "channel": "email", "enabled": True}, "choices.0", "one_target"),
        (
            {"type": "notifications.digest", "channel": "sms", "enabled": True},
            "choices.0.channel",
            "channel_not_of_type",
        ),
    ],
)
async def test_what_is_no_choice_is_refused_and_nothing_is_kept(
    service: Service, choice, field: str, code: str
) -> None:
    await signed_in(service)
    good = {"channel": "push", "enabled": False}
    answer = await service.client.put(f"{BASE}/preferences", json={"choices": [choice, good]})
    assert answer.status_code == 422
    problems = [(each["field"], each["code"]) for each in answer.json()["errors"]]
    assert problems == [(field, code)]
    assert (await service.client.get(f"{BASE}/preferences")).json()["choices"] == []


async def test_quiet_hours_and_the_digest_are_set_whole(service: Service) -> None:
    await signed_in(service)
    wish = {
        "quiet_hours": {"start": "22:00", "end": "07:30"},
        "digest_at": "08:00",
        "digest_categories": ["billing"],
        "commercial_mail": False,
    }
    answer = await service.client.put(f"{BASE}/settings", json=wish)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in wish} == wish
    assert (await service.client.get(f"{BASE}/settings")).json() == answer.json()
    cleared = (await service.client.put(f"{BASE}/settings", json={})).json()
    assert (cleared["quiet_hours"], cleared["digest_at"], cleared["commercial_mail"]) == (None, None, True)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"digest_at": "24:00"}, "time_of_day"),
        ({"digest_at": "8:000"}, "time_of_day"),
        ({"quiet_hours": {"start": "22:00", "end": "22:00"}}, "same_time"),
        ({"quiet_hours": {"start": "22:60", "end": "07:00"}}, "time_of_day"),
    ],
)
async def test_what_is_no_time_of_the_day_is_refused(service: Service, wish, code: str) -> None:
    await signed_in(service)
    answer = await service.client.put(f"{BASE}/settings", json=wish)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["errors"]] == [code]


def tokens_of(service: Service) -> UnsubscribeTokens:
    settings: Settings = service.container.settings
    return UnsubscribeTokens(peppers=DerivedSecrets(masters=settings.secrets))


async def is_unsubscribed(service: Service, holder: Holder) -> bool:
    async with service.container.units.view(SYSTEM) as view:
        return (await view.notification_settings.of_user(holder.user.id)).is_unsubscribed


async def test_rfc_8058_one_post_without_signing_in_unsubscribes_and_looking_does_not(
    service: Service,
) -> None:
    holder = await a_holder(service.container, "standard_user")
    place = f"/unsubscribe/{tokens_of(service).of(holder.user.id)}"
    assert (await service.client.get(place)).status_code == 200
    assert not await is_unsubscribed(service, holder)
    for _ in range(2):
        posted = await service.client.post(place, data={"List-Unsubscribe": "One-Click"})
        assert posted.status_code == 200, posted.text
        assert await is_unsubscribed(service, holder)
    strangers = place[:-1] + ("A" if place[-1] != "A" else "B")
    for answer in (await service.client.get(strangers), await service.client.post(strangers)):
        assert answer.status_code == 404


async def test_of_somebody_who_was_erased_neither_an_old_link_nor_a_late_choice_leaves_anything(
    service: Service,
) -> None:
    holder = await signed_in(service)
    place, caller = f"/unsubscribe/{tokens_of(service).of(holder.user.id)}", await holder.caller()
    await service.container.identity.erasing.erase_own(caller)
    assert (await service.client.post(place, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    preferences = service.container.notifications.preferences
    choice = Choice(channel=Channel.PUSH, enabled=False)
    with pytest.raises(Unauthenticated):  # who was let in just before the erasure
        await preferences.choose(Choose(choices=[choice]), caller)
    with pytest.raises(Unauthenticated):
        await preferences.change_settings(ChangeSettings(), caller)
    assert not await is_unsubscribed(service, holder)
    async with service.container.units.view(SYSTEM) as view:
        assert not (await view.notification_preferences.of_user(holder.user.id)).chosen


async def test_bounces_are_taken_in_once_listed_masked_and_lifted(service: Service) -> None:
    await signed_in(service, "admin")
    report = {"address": "Tony@Stark.example", "reason": "bounce", "detail": "550 5.1.1"}
    first = await service.client.post(f"{BASE}/suppressions", json=report)
    assert first.status_code == 201, first.text
    again = await service.client.post(
        f"{BASE}/suppressions", json=report | {"address": "tony@STARK.example", "reason": "complaint"}
    )
    assert again.json() == first.json()
    listed = await service.client.get(f"{BASE}/suppressions")
    assert [each["reason"] for each in listed.json()["items"]] == ["bounce"]
    assert "tony@" not in listed.text.lower()
    lift = {"address": "tony@stark.example"}
    lifted = [(await service.client.post(f"{BASE}/suppressions/lift", json=lift)).json() for _ in range(2)]
    assert lifted == [{"lifted": True}, {"lifted": False}]
    wrong = await service.client.post(f"{BASE}/suppressions", json=report | {"address": "nobody"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "address"


async def test_staff_alone_reads_the_log_and_the_list(service: Service) -> None:
    await signed_in(service)
    for place in ("deliveries", "suppressions"):
        assert (await service.client.get(f"{BASE}/{place}")).status_code == 403
    await signed_in(service, "admin")
    assert (await service.client.get(f"{BASE}/deliveries", params={"status": "sent"})).status_code == 200
    for bad in ({"cursor": "x"}, {"status": "lost"}, {"limit": 0}):
        assert (await service.client.get(f"{BASE}/deliveries", params=bad)).status_code == 422
