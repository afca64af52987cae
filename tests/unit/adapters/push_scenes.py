"""Pushers beside the stand-ins of their providers, for tests."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from tests.servers.push_providers import (
    Apns,
    Authority,
    Browser,
    Fcm,
    PushService,
    point_of,
    serving,
    text_of,
)

from multiproduct.adapters.cryptography import EcdhPushEncryption
from multiproduct.adapters.httpx2 import GuardedReceivers, Httpx2WebClient
from multiproduct.adapters.jwt import PrivateKeySigner
from multiproduct.adapters.push import ApnsPusher, FcmPusher, ServiceAccount, WebPusher
from multiproduct.adapters.stdlib import SystemHostNames
from multiproduct.application.notifications.push_ports import (
    PushAnswer,
    PushMessage,
    PushTarget,
)
from multiproduct.bootstrap.pushing import GuardedPushServices
from multiproduct.domain.notifications.push_device import PushKind
from multiproduct.domain.webhooks import DestinationPolicy

MESSAGE = PushMessage(
    type_key="billing.invoice_paid",
    title="Paid: 19.99 €",
    body="ಧನ್ಯವಾದಗಳು, 謝謝",
    locale="kn",
    collapse_key="billing.invoice_paid",
    message_id="billing.invoice_paid.17",
    data={"invoice_id": "42", "from": "reserved", "google.x": "too"},
)
DEVICE = UUID("0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10")
APNS_TOKEN = "0a" * 32
FCM_TOKEN = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1"


@dataclass
class Time:
    """Real time that tests move."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@asynccontextmanager
async def apns(
    authority: Authority, time: Time | None = None, *, speaks: tuple[str, ...] = ("h2",)
) -> AsyncIterator[tuple[Apns, ApnsPusher]]:
    apple, time = Apns(), time or Time()
    apple.now = time.now
    web = Httpx2WebClient(http2=True, tls=authority.trusting())
    async with serving(apple, authority, speaks=speaks) as url:
        pusher = ApnsPusher(
            web=web,
            signer=PrivateKeySigner(key=apple.key, key_id=apple.key_id),
            team_id=apple.team_id,
            topic=apple.topic,
            real_time=time,
            url=url,
        )
        try:
            yield apple, pusher
        finally:
            await web.close()


@asynccontextmanager
async def fcm(authority: Authority, time: Time | None = None) -> AsyncIterator[tuple[Fcm, FcmPusher]]:
    google = Fcm()
    web = Httpx2WebClient(http2=True, tls=authority.trusting())
    async with serving(google, authority, speaks=("h2", "http/1.1")) as url:
        google.url = url
        account = ServiceAccount.parse(google.account())
        signer = PrivateKeySigner(key=google.key, key_id=account.private_key_id)
        pusher = FcmPusher(web=web, account=account, signer=signer, real_time=time or Time(), url=url)
        try:
            yield google, pusher
        finally:
            await web.close()


@asynccontextmanager
async def web_push(
    authority: Authority, *, policy: DestinationPolicy | None = None, timeout: float = 10.0
) -> AsyncIterator[tuple[PushService, WebPusher]]:
    service, policy = PushService(), policy or DestinationPolicy(allows_loopback=True)
    key = ec.generate_private_key(ec.SECP256R1())
    receivers = GuardedReceivers(
        policy=policy, names=SystemHostNames(), tls=authority.trusting(), timeout=timeout
    )
    pusher = WebPusher(
        services=GuardedPushServices(receivers=receivers, policy=policy),
        encryption=EcdhPushEncryption(),
        signer=PrivateKeySigner(key=key),
        public_key=text_of(point_of(key)),
        contact="mailto:push@stark.example",
        real_time=Time(),
    )
    async with serving(service, authority, speaks=("h2", "http/1.1")) as url:
        service.url = url
        try:
            yield service, pusher
        finally:
            await receivers.close()


def to_apple(token: str = APNS_TOKEN) -> PushTarget:
    return PushTarget(device_id=DEVICE, kind=PushKind.APNS, token=token)


def to_google(token: str = FCM_TOKEN) -> PushTarget:
    return PushTarget(device_id=DEVICE, kind=PushKind.FCM, token=token)


def to_browser(browser: Browser) -> PushTarget:
    def octets(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    return PushTarget(
        device_id=DEVICE,
        kind=PushKind.WEB,
        token=browser.endpoint,
        p256dh=octets(browser.keys["p256dh"]),
        auth=octets(browser.keys["auth"]),
    )


def came_to(answer: PushAnswer) -> tuple[str, str, int | None]:
    return answer.verdict.value, answer.reason, answer.retry_after
