"""From registering devices over HTTP to what Apple, Google and a browser receive, on real databases."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.servers.push_providers import (
    Apns,
    Authority,
    Fcm,
    PushService,
    Says,
    pem_of,
    serving,
)
from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct import Multiproduct
from multiproduct.adapters.httpx2 import GuardedReceivers, Httpx2WebClient
from multiproduct.adapters.stdlib import SystemHostNames
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.push_ports import PushMessage
from multiproduct.application.notifications.push_results import PushOutcome, PushState
from multiproduct.bootstrap import Overrides
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.entrypoints.http.app import http_app
from multiproduct.settings import Settings

BASE = "/api/v1/notifications"
MESSAGE = PushMessage(
    type_key="billing.invoice_paid",
    title="Paid",
    body="Thank you",
    locale="en",
    collapse_key="billing.invoice_paid",
    message_id="billing.invoice_paid.1",
    data={"invoice_id": "42"},
)
FCM_TOKEN = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1"
APNS_TOKEN = "0a" * 32


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/push.db"
    return str(request.getfixturevalue("postgres_database"))


@dataclass
class World:
    house: Multiproduct
    client: httpx2.AsyncClient
    apple: Apns
    google: Fcm
    push_service: PushService

    async def somebody(self) -> Holder:
        holder = await a_holder(self.house.container, "standard_user")
        self.client.headers["authorization"] = f"Bearer {holder.token}"
        return holder

    async def device(self, kind: str, token: str, **given: object) -> str:
        answer = await self.client.post(f"{BASE}/devices", json={"kind": kind, "token": token, **given})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def send(self, holder: Holder) -> PushOutcome:
        return await self.house.push.pushing.send(holder.user.id, MESSAGE)

    async def devices(self) -> list[str]:
        return [each["kind"] for each in (await self.client.get(f"{BASE}/devices")).json()["items"]]


def trusting_receivers(tls: ssl.SSLContext) -> GuardedReceivers:
    policy = DestinationPolicy(allows_loopback=True)
    return GuardedReceivers(policy=policy, names=SystemHostNames(), tls=tls, timeout=2.0)


@asynccontextmanager
async def a_world(url: str, folder: Path) -> AsyncIterator[World]:
    authority = Authority.in_folder(folder)
    apple, google, push_service = Apns(), Fcm(), PushService()
    async with AsyncExitStack() as stack:
        apple_url = await stack.enter_async_context(serving(apple, authority, speaks=("h2",)))
        google.url = await stack.enter_async_context(serving(google, authority, speaks=("h2",)))
        push_service.url = await stack.enter_async_context(
            serving(push_service, authority, speaks=("h2", "http/1.1"))
        )
        web = Httpx2WebClient(http2=True, tls=authority.trusting())
        receivers = trusting_receivers(authority.trusting())
        stack.push_async_callback(web.close)
        stack.push_async_callback(receivers.close)
        settings = Settings(
            _env_file=None,
            database_url=url,
            redis_url=None,
            broker_url=None,
            smtp_url=None,
            mailbox_dir=str(folder / "mailbox"),
            password_cost="test",
            rate_limit_profile="unlimited",
            inline_worker=False,
            push_fcm_service_account=google.account(),
            push_fcm_url=google.url,
            push_apns_key=pem_of(apple.key),
            push_apns_key_id=apple.key_id,
            push_apns_team_id=apple.team_id,
            push_apns_topic=apple.topic,
            push_apns_url=apple_url,
            push_vapid_key=pem_of(ec.generate_private_key(ec.SECP256R1())),
        )
        house = Multiproduct.from_settings(
            settings, overrides=Overrides(push_web=web, push_receivers=receivers)
        )
        await house.migrate()
        await stack.enter_async_context(house)
        transport = httpx2.ASGITransport(app=http_app(house.container))
        client = await stack.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url="http://service")
        )
        yield World(house, client, apple, google, push_service)


async def test_a_message_reaches_every_kind_of_device_once(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="multiproduct")
    async with a_world(url, tmp_path) as world:
        tony = await world.somebody()
        browser = world.push_service.subscription()
        await world.device("fcm", FCM_TOKEN)
        await world.device("apns", APNS_TOKEN)
        await world.device("web", browser.endpoint, keys=browser.keys)
        outcome = await world.send(tony)
        assert (outcome.state, outcome.accepted, outcome.devices) == (PushState.SENT, 3, 3)
        (on_apple,), (on_google,), (in_browser,) = (
            world.apple.taken,
            world.google.taken,
            world.push_service.taken,
        )
        assert (on_apple.http, on_google.http) == ("2", "2")
        assert on_apple.document["aps"]["alert"] == {"title": "Paid", "body": "Thank you"}
        assert on_google.document["message"]["token"] == FCM_TOKEN
        assert browser.read(in_browser.body)["data"] == {"invoice_id": "42"}
    for secret in (FCM_TOKEN, APNS_TOKEN, browser.endpoint):
        assert secret not in caplog.text


async def test_what_is_gone_is_forgotten_and_the_rest_still_gets_it(url: str, tmp_path: Path) -> None:
    async with a_world(url, tmp_path) as world:
        tony = await world.somebody()
        browser = world.push_service.subscription()
        await world.device("web", browser.endpoint, keys=browser.keys)
        await world.device("apns", APNS_TOKEN)
        await world.device("fcm", FCM_TOKEN)
        error = {"details": [{"errorCode": "UNREGISTERED"}], "status": "NOT_FOUND"}
        world.google.rule = lambda _: Says(404, {"error": error})
        world.push_service.rule = lambda _: Says(410)
        # Of a time before the device was registered: somebody else's news.
        world.apple.rule = lambda _: Says(410, {"reason": "Unregistered", "timestamp": 1_000_000_000_000})
        outcome = await world.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "devices_gone")
        assert await world.devices() == ["apns"]
        world.apple.rule = lambda _: Says()
        assert (await world.send(tony)).state is PushState.SENT


async def test_a_provider_that_hangs_keeps_the_others_from_nothing(url: str, tmp_path: Path) -> None:
    async with a_world(url, tmp_path) as world:
        tony = await world.somebody()
        browser = world.push_service.subscription()
        await world.device("fcm", FCM_TOKEN)
        await world.device("web", browser.endpoint, keys=browser.keys)
        world.push_service.rule = lambda _: Says(hangs=True)
        sending = asyncio.create_task(world.send(tony))
        async with asyncio.timeout(30):
            while not world.google.taken:
                await asyncio.sleep(0.01)
            assert not sending.done()
            outcome = await sending
        assert (outcome.state, outcome.accepted, outcome.devices) == (PushState.SENT, 1, 2)
        assert len(world.push_service.taken) == 1


async def test_a_token_that_moves_is_pushed_to_for_its_new_owner_alone(url: str, tmp_path: Path) -> None:
    async with a_world(url, tmp_path) as world:
        tony = await world.somebody()
        await world.device("fcm", FCM_TOKEN)
        pepper = await world.somebody()
        await world.device("fcm", FCM_TOKEN)
        assert (await world.send(tony)).state is PushState.NO_DEVICES
        assert (await world.send(pepper)).state is PushState.SENT
        assert len(world.google.taken) == 1


async def test_nothing_that_is_kept_shows_a_token(url: str, tmp_path: Path) -> None:
    async with a_world(url, tmp_path) as world:
        tony = await world.somebody()
        browser = world.push_service.subscription("very-secret-address")
        await world.device("web", browser.endpoint, keys=browser.keys)
        await world.device("fcm", FCM_TOKEN)
        await world.send(tony)
        async with world.house.container.units.view(SYSTEM) as view:
            kept = await view.push_devices.of_user(tony.user.id)
        assert len(kept) == 2
        for device in kept:
            for secret in (b"very-secret-address", FCM_TOKEN.encode(), browser.keys["auth"].encode()):
                assert secret not in device.token.sealed
    if url.startswith("sqlite"):
        written = b"".join(each.read_bytes() for each in tmp_path.glob("push.db*"))
        assert b"very-secret-address" not in written
        assert FCM_TOKEN.encode() not in written
