"""Settings of pushes: what is wrong is said early, and without repeating a key."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError
from tests.servers.push_providers import Fcm, pem_of, text_of

from multiproduct.application.notifications.push_ports import PushChannels
from multiproduct.bootstrap import Role, build
from multiproduct.domain.notifications.push_device import PushKind
from multiproduct.settings import Settings

P256 = ec.generate_private_key(ec.SECP256R1())
PEM = pem_of(P256)
RAW = text_of(P256.private_numbers().private_value.to_bytes(32))
APNS = {
    "push_apns_key": PEM,
    "push_apns_key_id": "ABC123DEFG",
    "push_apns_team_id": "DEF123GHIJ",
    "push_apns_topic": "com.stark.app",
}


def an_account(**changed: str) -> str:
    google = Fcm()
    google.url = "https://oauth2.googleapis.com"
    return json.dumps({**json.loads(google.account()), **changed})


def wrong(**given: object) -> tuple[set[object], str]:
    with pytest.raises(ValidationError) as refusal:
        Settings(_env_file=None, **given)
    return {problem["loc"][0] for problem in refusal.value.errors()}, str(refusal.value)


async def channels(**given: object) -> PushChannels:
    settings = Settings(_env_file=None, database_url="memory://", password_cost="test", **given)
    container = build(settings, role=Role.TOOL)
    try:
        return container.push.devices._channels
    finally:
        await container.stop()


async def test_nothing_is_pushed_by_default() -> None:
    assert await channels() == PushChannels()


async def test_apple_alone() -> None:
    assert (await channels(**APNS)).kinds == [PushKind.APNS]


async def test_google_alone() -> None:
    assert (await channels(push_fcm_service_account=an_account())).kinds == [PushKind.FCM]


async def test_browsers_alone_with_the_key_in_either_writing() -> None:
    written = [await channels(push_vapid_key=each) for each in (PEM, PEM.replace("\n", "\\n"), RAW)]
    assert [each.kinds for each in written] == [[PushKind.WEB]] * 3
    assert len({each.vapid_public_key for each in written}) == 1


@pytest.mark.parametrize("name", ["push_apns_key_id", "push_apns_team_id", "push_apns_topic"])
def test_what_apple_needs_is_missed_by_name(name: str) -> None:
    assert wrong(**{**APNS, name: ""})[0] == {name}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("push_apns_key", "hunter2"),
        ("push_apns_key", pem_of(ec.generate_private_key(ec.SECP384R1()))),
        ("push_vapid_key", "hunter2"),
        ("push_vapid_key", RAW[:-2]),
        ("push_vapid_key", pem_of(rsa.generate_private_key(public_exponent=65_537, key_size=2_048))),
        ("push_vapid_contact", "hunter2"),
        ("push_vapid_contact", "http://stark.example"),
        ("push_fcm_service_account", "hunter2"),
        ("push_fcm_service_account", "[]"),
        ("push_fcm_service_account", an_account(project_id="")),
        ("push_fcm_service_account", an_account(private_key="hunter2")),
        ("push_fcm_service_account", an_account(private_key=PEM)),
        ("push_fcm_service_account", an_account(token_uri="http://evil.example/token")),
        ("push_fcm_url", "http://fcm.example"),
        ("push_apns_url", "apns.example"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    names, text = wrong(**{**APNS, name: value})
    assert name in names
    assert "hunter2" not in text
    assert "PRIVATE KEY" not in text


def test_keys_stay_out_of_what_is_shown() -> None:
    settings = Settings(_env_file=None, **APNS, push_vapid_key=RAW, push_fcm_service_account=an_account())
    assert "PRIVATE" not in repr(settings)
    assert RAW not in repr(settings)
