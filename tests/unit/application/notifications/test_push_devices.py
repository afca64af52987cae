"""Devices are their owner's alone, as many as one may have, and nothing tells a token."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.notifications.push_house import UNKNOWN, a_house, keys_of_a_browser

from multiproduct.application.caller import ANYBODY, Caller, Principal
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.notifications.push_commands import RefreshPushDevice, RegisterPushDevice
from multiproduct.application.notifications.push_personal_data import PushDevicesSource
from multiproduct.application.notifications.push_tokens import of_push_token
from multiproduct.domain.notifications.push_device import MAX_DEVICES
from multiproduct.domain.shared import InvalidInput, NotConfigured, NotFound, Unauthenticated

APNS = "0A" * 32
DAY = timedelta(days=1)


async def test_a_device_is_kept_with_what_its_app_said() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = await house.device(tony, name="  Mark 42 ", locale="zh_hant")
        assert (made.kind, made.name, made.locale, made.is_stale) == ("fcm", "Mark 42", "zh-Hant", False)
        assert (await house.devices.mine(tony)).items == [made]
        assert await house.tokens_of(tony) == ["token:0000000001"]


async def test_the_language_is_the_persons_where_the_app_says_none() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        assert (await house.device(tony)).locale == "en"


async def test_the_same_token_again_is_the_same_device_refreshed() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = await house.device(tony, name="Mark 42")
        house.time.moment += DAY
        again = await house.device(tony, locale="fa")
        assert again.id == made.id
        assert (again.name, again.locale) == ("Mark 42", "fa")
        assert again.refreshed_at - made.refreshed_at == DAY
        assert len(await house.events("push_device_registered")) == 1


async def test_a_token_that_moves_to_another_person_is_theirs_alone() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        before = await house.device(tony)
        after = await house.device(pepper)
        assert after.id != before.id
        assert (await house.devices.mine(tony)).items == []
        assert await house.tokens_of(tony) == []
        assert await house.tokens_of(pepper) == ["token:0000000001"]
        with pytest.raises(NotFound):
            await house.devices.remove(before.id, tony)
        (removed,) = await house.events("push_device_removed")
        assert (removed["user_id"], removed["reason"]) == (str(tony.require_user()), "moved")


async def test_of_many_who_register_one_token_at_once_one_has_it() -> None:
    async with a_house() as house:
        people = [await house.somebody() for _ in range(10)]
        await asyncio.gather(*(house.device(each) for each in people))
        assert sum([len(await house.kept(each)) for each in people]) == 1


async def test_a_person_has_a_bounded_number_of_devices_and_the_one_refreshed_longest_ago_goes() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = []
        for number in range(MAX_DEVICES):
            house.time.moment += timedelta(minutes=1)
            made.append(await house.device(tony, f"token:{number:010}"))
        house.time.moment += timedelta(minutes=1)
        await house.device(tony, f"token:{0:010}")  # the oldest is refreshed
        house.time.moment += timedelta(minutes=1)
        latest = await house.device(tony, "token:another000")
        kept = {each.id for each in await house.kept(tony)}
        assert len(kept) == MAX_DEVICES
        assert made[1].id not in kept
        assert {made[0].id, latest.id} <= kept
        assert [each["reason"] for each in await house.events("push_device_removed")] == ["crowded_out"]


async def test_the_bound_holds_when_devices_are_registered_at_once() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await asyncio.gather(*(house.device(tony, f"token:{each:010}") for each in range(40)))
        assert len(await house.kept(tony)) == MAX_DEVICES


async def test_a_new_token_takes_the_place_of_the_old_one() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        made, other = await house.device(tony), await house.device(pepper, "token:0000000002")
        refreshed = await house.devices.refresh(made.id, RefreshPushDevice(token="token:0000000003"), tony)
        assert refreshed.id == made.id
        assert await house.tokens_of(tony) == ["token:0000000003"]
        # A token that somebody else had.
        await house.devices.refresh(made.id, RefreshPushDevice(token="token:0000000002"), tony)
        assert await house.tokens_of(tony) == ["token:0000000002"]
        assert other.id not in {each.id for each in await house.kept(pepper)}
        assert len(await house.events("push_token_replaced")) == 2


async def test_a_refresh_without_a_token_changes_nothing_but_the_time() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = await house.device(tony, name="Mark 42", locale="ta")
        house.time.moment += DAY
        refreshed = await house.devices.refresh(made.id, RefreshPushDevice(), tony)
        assert refreshed == made.model_copy(update={"refreshed_at": made.refreshed_at + DAY})
        assert await house.events("push_token_replaced") == []


async def test_nobody_touches_anothers_device() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        made = await house.device(tony)
        for device_id in (made.id, UNKNOWN):
            with pytest.raises(NotFound):
                await house.devices.refresh(device_id, RefreshPushDevice(), pepper)
            with pytest.raises(NotFound):
                await house.devices.remove(device_id, pepper)
        assert len(await house.kept(tony)) == 1


async def test_nobody_who_is_not_signed_in_does_anything() -> None:
    async with a_house() as house:
        for refused in (
            house.device(ANYBODY),
            house.devices.mine(ANYBODY),
            house.devices.options(ANYBODY),
            house.devices.remove(UNKNOWN, ANYBODY),
            house.devices.refresh(UNKNOWN, RefreshPushDevice(), ANYBODY),
        ):
            with pytest.raises(Unauthenticated):
                await refused


async def test_what_is_removed_is_pushed_to_no_more() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = await house.device(tony)
        await house.devices.remove(made.id, tony)
        assert await house.tokens_of(tony) == []
        assert [each["reason"] for each in await house.events("push_device_removed")] == ["owner"]


async def test_a_kind_that_is_off_is_refused_and_not_offered() -> None:
    async with a_house("apns") as house:
        tony = await house.somebody()
        with pytest.raises(NotConfigured):
            await house.device(tony)
        assert (await house.devices.options(tony)).kinds == ["apns"]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"token": "short"}, "token", "invalid"),
        ({"token": "with a space in it"}, "token", "invalid"),
        ({"token": "new\nline:0000000"}, "token", "invalid"),
        ({"keys": keys_of_a_browser()}, "keys", "not_allowed"),
        ({"kind": "apns", "token": "0a" * 15}, "token", "invalid"),
        ({"kind": "apns", "token": "0g" * 32}, "token", "invalid"),
        ({"kind": "apns", "token": "0a" * 16 + "0"}, "token", "invalid"),
        ({"kind": "apns", "token": "../" * 20}, "token", "invalid"),
        ({"kind": "web", "token": "https://push.example.com/x"}, "keys", "required"),
        ({"kind": "web", "token": "http://push.example.com/x"}, "token", "url_not_https"),
        ({"kind": "web", "token": "https://169.254.169.254/latest"}, "token", "url_not_public"),
        ({"kind": "web", "token": "https://127.0.0.1/"}, "token", "url_not_public"),
        ({"kind": "web", "token": "https://push.example.com:22/"}, "token", "url_port"),
        ({"kind": "web", "token": "https://a:b@push.example.com/"}, "token", "url_credentials"),
        (
            {"kind": "web", "token": "https://push.example.com/", "keys": {"p256dh": "AA", "auth": "AA"}},
            "keys",
            "invalid",
        ),
        (
            {
                "kind": "web",
                "token": "https://push.example.com/",
                "keys": {**keys_of_a_browser(), "auth": "!" * 22},
            },
            "keys",
            "invalid",
        ),
        ({"locale": "tlh"}, "locale", "invalid_locale"),
    ],
)
async def test_what_has_not_the_shape_of_a_token_is_refused(
    given: dict[str, object], field: str, code: str
) -> None:
    async with a_house() as house:
        tony = await house.somebody()
        with pytest.raises(InvalidInput) as refused:
            await house.device(tony, **given)
        assert [(each.field, each.code) for each in refused.value.problems] == [(field, code)]


async def test_a_token_of_apple_is_the_same_in_capitals() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        first = await house.device(tony, APNS, kind="apns")
        assert (await house.device(tony, APNS.lower(), kind="apns")).id == first.id


async def test_the_keys_of_a_browser_may_be_renewed_with_the_same_address() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        url = "https://push.example.com/send/1"
        first = await house.device(tony, url, kind="web", keys=keys_of_a_browser())
        before = (await house.kept(tony))[0].token
        again = await house.device(tony, url, kind="web", keys=keys_of_a_browser())
        after = (await house.kept(tony))[0].token
        assert again.id == first.id
        assert before.digest == after.digest
        assert before.sealed != after.sealed


async def test_no_token_stands_in_events_audit_answers_or_what_is_exported() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        keys = keys_of_a_browser()
        url = "https://push.example.com/send/secret"
        command = RegisterPushDevice(kind="web", token=url, keys=keys)
        made = await house.devices.register(command, tony)
        store = house.container.store._store
        told = [
            repr(command),
            repr(house.container.push.devices._tokens.read(command.kind, url, command.keys)),
            made.model_dump_json(),
            repr(list(store.events.rows.values())),
            repr(list(store.audit.rows.values())),
            repr(await house.kept(tony)),
        ]
        async with house.container.units.view(tony) as view:
            exported = await PushDevicesSource().export(view, tony.require_user())
        told.append(repr(exported))
        assert exported[0]["kind"] == "web"
        for text in told:
            assert url not in text
            assert keys["p256dh"] not in text
            assert keys["auth"] not in text
        row = (await house.kept(tony))[0]
        assert b"secret" not in row.token.sealed


async def test_a_sealed_token_of_another_row_opens_nothing() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        (device,) = await house.kept(tony)
        tokens = house.pushing._tokens
        assert tokens.opened(device) is not None
        assert tokens.opened(replace(device, id=UNKNOWN)) is None
        assert tokens.opened(replace(device, user_id=UNKNOWN)) is None
        assert of_push_token(device.user_id, device.id) != of_push_token(device.id, device.user_id)


async def test_an_erased_person_has_no_devices() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        await house.device(tony)
        await house.device(pepper, "token:0000000002")
        async with house.container.units.open(tony) as unit:
            await unit.personal_rows.erase(tony.require_user(), address_keys=[])
            await unit.commit()
        assert await house.kept(tony) == []
        assert len(await house.kept(pepper)) == 1


async def test_devices_that_nobody_refreshed_for_most_of_a_year_go() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        house.time.moment += timedelta(days=269)
        assert await house.purging.run() == 0
        house.time.moment += 2 * DAY
        assert await house.purging.run() == 1
        assert await house.kept(tony) == []


async def test_the_installation_exports_devices() -> None:
    async with a_house() as house:
        registry = house.container.identity.erasing._registry
        assert isinstance(registry, PersonalDataRegistry)
        tony = await house.somebody()
        await house.device(tony)
        exported = await house.container.identity.data_export.export(tony)
        assert [each["kind"] for each in exported.data["push_devices"]] == ["fcm"]


async def test_a_host_without_sessions_registers_for_its_people() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        caller = Caller(principal=Principal(user_id=tony.require_user()))
        await house.device(caller)
        assert await house.tokens_of(caller) == ["token:0000000001"]
