"""FCM, APNs and Web Push keep the contract of the port, against stand-ins over TLS."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.servers.push_providers import Apns, Authority, Fcm, PushService, Says
from tests.unit.adapters.push_scenes import (
    apns,
    fcm,
    to_apple,
    to_browser,
    to_google,
    web_push,
)

from multiproduct.adapters.contracts.pusher import PusherContract
from multiproduct.application.notifications.push_ports import Pusher, PushTarget


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _less_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiproduct.adapters.push.apns._SENDING_SECONDS", 4.0)
    monkeypatch.setattr("multiproduct.adapters.push.fcm._SENDING_SECONDS", 4.0)


@dataclass
class Told:
    """A stand-in that does as it is told, whichever of the three it is."""

    provider: Apns | Fcm | PushService
    accepts: Says
    refuses: Says
    gone: Says

    def accept(self) -> None:
        self.provider.rule = lambda _: self.accepts

    def refuse(self) -> None:
        self.provider.rule = lambda _: self.refuses

    def call_gone(self) -> None:
        self.provider.rule = lambda _: self.gone

    def be_busy(self, *, retry_after: str) -> None:
        self.provider.rule = lambda _: Says(503, headers={"retry-after": retry_after})

    def fall_silent(self) -> None:
        self.provider.rule = lambda _: Says(hangs=True)

    @property
    def calls(self) -> int:
        return len(self.provider.taken)


@dataclass
class Scene:
    pusher: Pusher
    stand_in: Told
    target: PushTarget


class _OnScene(PusherContract):
    @pytest.fixture
    def pusher(self, scene: Scene) -> Pusher:
        return scene.pusher

    @pytest.fixture
    def stand_in(self, scene: Scene) -> Told:
        return scene.stand_in

    @pytest.fixture
    def target(self, scene: Scene) -> PushTarget:
        return scene.target


class TestApnsPusher(_OnScene):
    @pytest.fixture
    async def scene(self, authority: Authority) -> AsyncIterator[Scene]:
        async with apns(authority) as (apple, pusher):
            gone = Says(410, {"reason": "Unregistered", "timestamp": 1_700_000_000_000})
            told = Told(apple, Says(), Says(400, {"reason": "BadDeviceToken"}), gone)
            yield Scene(pusher, told, to_apple())


class TestFcmPusher(_OnScene):
    @pytest.fixture
    async def scene(self, authority: Authority) -> AsyncIterator[Scene]:
        async with fcm(authority) as (google, pusher):
            gone = Says(404, {"error": {"details": [{"errorCode": "UNREGISTERED"}]}})
            refuses = Says(400, {"error": {"status": "INVALID_ARGUMENT"}})
            told = Told(google, Says(200, {"name": "projects/x/messages/1"}), refuses, gone)
            yield Scene(pusher, told, to_google())


class TestWebPusher(_OnScene):
    @pytest.fixture
    async def scene(self, authority: Authority) -> AsyncIterator[Scene]:
        async with web_push(authority, timeout=4.0) as (service, pusher):
            told = Told(service, Says(201), Says(413), Says(410))
            yield Scene(pusher, told, to_browser(service.subscription()))
