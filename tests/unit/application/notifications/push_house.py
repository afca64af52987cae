"""An installation in memory that pushes through providers whose answers are told to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from tests.servers.push_providers import point_of, text_of
from tests.unit.application.identity.role_holders import a_holder

from multiproduct.adapters.cryptography import AesGcmSealing, EcdhPushEncryption
from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity.locales import Locales
from multiproduct.application.notifications.push_commands import RegisterPushDevice
from multiproduct.application.notifications.push_device_keeping import PushDeviceKeeping
from multiproduct.application.notifications.push_ports import (
    PushAnswer,
    PushChannels,
    PushMessage,
    PushTarget,
    PushVerdict,
)
from multiproduct.application.notifications.push_purging import PushDevicePurging
from multiproduct.application.notifications.push_results import PushDeviceView, PushOutcome
from multiproduct.application.notifications.push_tokens import PushTokens
from multiproduct.application.notifications.pushing import Pushing
from multiproduct.application.ports.web_client import WebAnswer
from multiproduct.bootstrap import Container, Role, build
from multiproduct.domain.notifications.push_device import PushDevice, PushKind
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.settings import Settings

MESSAGE = PushMessage(
    type_key="billing.invoice_paid",
    title="Paid",
    body="Thank you",
    locale="en",
    collapse_key="billing.invoice_paid",
    message_id="billing.invoice_paid.1",
)
ACCEPTED = PushAnswer(verdict=PushVerdict.ACCEPTED, reason="accepted")


def says(verdict: str, reason: str = "x", **more: object) -> PushAnswer:
    return PushAnswer(verdict=PushVerdict(verdict), reason=reason, **more)


@dataclass
class MovableTime:
    """Business time and real time in one, which tests move."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@dataclass
class Provider:
    """Takes every message and answers by a rule, which may wait."""

    rule: Callable[[PushTarget], PushAnswer | Awaitable[PushAnswer]] = lambda _: ACCEPTED
    taken: list[PushTarget] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    def lane(self, target: PushTarget) -> str:
        return target.kind.value

    async def push(self, message: PushMessage, target: PushTarget) -> PushAnswer:
        self.taken.append(target)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            answer = self.rule(target)
            if isinstance(answer, PushAnswer):
                await asyncio.sleep(0)
                return answer
            return await answer
        finally:
            self.under_way -= 1


class NoPushServices:
    """Checks addresses as the installation does, and calls none."""

    def check(self, url: str) -> None:
        DestinationPolicy().read(url)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> WebAnswer:
        raise AssertionError("providers here are told their answers")


@dataclass
class House:
    container: Container
    devices: PushDeviceKeeping
    pushing: Pushing
    purging: PushDevicePurging
    providers: dict[PushKind, Provider]
    time: MovableTime
    pauses: list[float]

    async def somebody(self) -> Caller:
        return await (await a_holder(self.container, "standard_user")).caller()

    async def device(
        self, caller: Caller, token: str = "token:0000000001", **given: object
    ) -> PushDeviceView:
        command = RegisterPushDevice.model_validate({"kind": "fcm", "token": token, **given})
        return await self.devices.register(command, caller)

    async def send(self, caller: Caller) -> PushOutcome:
        return await self.pushing.send(caller.require_user(), MESSAGE)

    async def kept(self, caller: Caller) -> list[PushDevice]:
        async with self.container.units.view(SYSTEM) as view:
            return list(await view.push_devices.of_user(caller.require_user()))

    async def tokens_of(self, caller: Caller) -> list[str]:
        """Of the devices that a message goes to."""
        for provider in self.providers.values():
            provider.taken.clear()
        await self.send(caller)
        return sorted(each.token for provider in self.providers.values() for each in provider.taken)

    async def events(self, name: str) -> list[dict[str, object]]:
        rows = self.container.store._store.events.rows.values()
        return [event.fields for event in rows if event.name == f"notifications.{name}"]


def keys_of_a_browser() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    return {"p256dh": text_of(point_of(key)), "auth": text_of(b"0123456789abcdef")}


@asynccontextmanager
async def a_house(*kinds: str) -> AsyncIterator[House]:
    settings = Settings(
        _env_file=None,
        database_url="memory://",
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    container = build(settings, role=Role.TOOL)
    time, pauses = MovableTime(), []
    providers = {PushKind(kind): Provider() for kind in (kinds or ("fcm", "apns", "web"))}

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        time.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    channels = PushChannels(pushers=providers, vapid_public_key="key")
    tokens = PushTokens(
        sealing=AesGcmSealing(peppers=DerivedSecrets(masters=["a secret of the tests, long enough"])),
        services=NoPushServices(),
        encryption=EcdhPushEncryption(),
    )
    yield House(
        container=container,
        devices=PushDeviceKeeping(
            units=container.units,
            channels=channels,
            tokens=tokens,
            locales=Locales(locales=container.translator.locales),
            clock=time,
            ids=container.ids,
        ),
        pushing=Pushing(
            units=container.units,
            channels=channels,
            tokens=tokens,
            clock=time,
            real_time=time,
            pause=pause,
        ),
        purging=PushDevicePurging(units=container.units, clock=time),
        providers=providers,
        time=time,
        pauses=pauses,
    )
    await container.stop()


UNKNOWN = UUID("0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10")
