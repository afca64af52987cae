"""Putting pushing together: which providers the settings name, and how browsers' push services are called."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.cryptography import EcdhPushEncryption
from multiproduct.adapters.httpx2 import GuardedReceivers, Httpx2WebClient
from multiproduct.application.identity.locales import Locales
from multiproduct.application.notifications.push_device_keeping import PushDeviceKeeping
from multiproduct.application.notifications.push_facade import Push
from multiproduct.application.notifications.push_ports import (
    PushAddressRefused,
    PushChannels,
    Pusher,
    PushServices,
    PushUnreachable,
)
from multiproduct.application.notifications.push_purging import PushDevicePurging
from multiproduct.application.notifications.push_tokens import PushTokens
from multiproduct.application.notifications.pushing import Pushing
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.ports.web_client import WebAnswer, WebClient
from multiproduct.application.scheduling import Job
from multiproduct.application.webhooks import Delivery, HostNames, NotDelivered, Receivers
from multiproduct.bootstrap.webhooks import destination_policy_of
from multiproduct.domain.notifications.push_device import PushKind
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


class GuardedPushServices:
    """The `PushServices` port on what calls the receivers of webhooks. Here, because webhooks and
    notifications do not know each other."""

    def __init__(self, *, receivers: Receivers, policy: DestinationPolicy) -> None:
        self._receivers = receivers
        self._policy = policy

    def check(self, url: str) -> None:
        """See the port."""
        self._policy.read(url)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> WebAnswer:
        """See the port."""
        try:
            answer = await self._receivers.post(Delivery(url=url, headers=headers, body=body))
        except NotDelivered as error:
            if error.reason == "address_refused":
                raise PushAddressRefused from None
            raise PushUnreachable(error.reason, unsent=error.unsent) from None
        later = {} if answer.retry_after is None else {"retry-after": answer.retry_after}
        return WebAnswer(status=answer.status, headers=later, body=answer.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParts:
    """What pushes are brought with, and how that is closed."""

    channels: PushChannels
    services: PushServices
    encryption: EcdhPushEncryption
    closing: Sequence[Callable[[], Awaitable[None]]] = field(default=())

    async def close(self) -> None:
        """Closes every connection."""
        for close in self.closing:
            await close()


def push_parts_of(
    settings: Settings,
    *,
    names: HostNames,
    real_time: RealTime,
    web: WebClient | None = None,
    receivers: Receivers | None = None,
) -> PushParts:
    """Each provider has connections of its own, so that one that is slow takes none from the others. `web`
    and `receivers` take the place of what would be made."""
    policy, closing = destination_policy_of(settings), []
    if receivers is None:
        receivers = own = GuardedReceivers(policy=policy, names=names)
        closing.append(own.close)
    services, encryption = GuardedPushServices(receivers=receivers, policy=policy), EcdhPushEncryption()
    pushers: dict[PushKind, Pusher] = {}

    def client() -> WebClient:
        if web is not None:
            return web
        made = Httpx2WebClient(http2=True)
        closing.append(made.close)
        return made

    if settings.push_fcm_service_account.get_secret_value():
        pushers[PushKind.FCM] = _fcm(settings, client(), real_time)
    if settings.push_apns_key.get_secret_value():
        pushers[PushKind.APNS] = _apns(settings, client(), real_time)
    public_key = None
    if settings.push_vapid_key.get_secret_value():
        pushers[PushKind.WEB], public_key = _web_push(settings, services, encryption, real_time)
    return PushParts(
        channels=PushChannels(pushers=pushers, vapid_public_key=public_key),
        services=services,
        encryption=encryption,
        closing=closing,
    )


def push_of(assembly: "Assembly", units: Units[Any]) -> Push:
    """The use cases of pushing on these units."""
    parts = assembly.push
    tokens = PushTokens(sealing=assembly.sealing, services=parts.services, encryption=parts.encryption)
    return Push(
        devices=PushDeviceKeeping(
            units=units,
            channels=parts.channels,
            tokens=tokens,
            locales=Locales(locales=assembly.translator.locales),
            clock=assembly.clock,
            ids=assembly.ids,
        ),
        pushing=Pushing(
            units=units,
            channels=parts.channels,
            tokens=tokens,
            clock=assembly.clock,
            real_time=assembly.real_time,
        ),
        purging=PushDevicePurging(units=units, clock=assembly.clock),
    )


def push_jobs(push: Push) -> Sequence[Job]:
    """Devices that nobody refreshed go by themselves."""
    return (Job("notifications.purge_push_devices", timedelta(hours=1), push.purging.run),)


def _fcm(settings: Settings, web: WebClient, real_time: RealTime) -> Pusher:
    from multiproduct.adapters.jwt import PrivateKeySigner  # noqa: PLC0415 - only where it is used
    from multiproduct.adapters.jwt.private_keys import rsa_key  # noqa: PLC0415 - likewise
    from multiproduct.adapters.push import FcmPusher, ServiceAccount  # noqa: PLC0415 - likewise

    account = ServiceAccount.parse(settings.push_fcm_service_account.get_secret_value())
    signer = PrivateKeySigner(key=rsa_key(account.private_key), key_id=account.private_key_id)
    return FcmPusher(web=web, account=account, signer=signer, real_time=real_time, url=settings.push_fcm_url)


def _apns(settings: Settings, web: WebClient, real_time: RealTime) -> Pusher:
    from multiproduct.adapters.jwt import PrivateKeySigner  # noqa: PLC0415 - only where it is used
    from multiproduct.adapters.jwt.private_keys import p256_key  # noqa: PLC0415 - likewise
    from multiproduct.adapters.push import ApnsPusher  # noqa: PLC0415 - likewise

    key = p256_key(settings.push_apns_key.get_secret_value())
    return ApnsPusher(
        web=web,
        signer=PrivateKeySigner(key=key, key_id=settings.push_apns_key_id),
        team_id=settings.push_apns_team_id,
        topic=settings.push_apns_topic,
        real_time=real_time,
        url=settings.push_apns_url,
    )


def _web_push(
    settings: Settings, services: PushServices, encryption: EcdhPushEncryption, real_time: RealTime
) -> tuple[Pusher, str]:
    from multiproduct.adapters.jwt import PrivateKeySigner  # noqa: PLC0415 - only where it is used
    from multiproduct.adapters.jwt.private_keys import public_point, vapid_key  # noqa: PLC0415 - likewise
    from multiproduct.adapters.push import WebPusher  # noqa: PLC0415 - likewise

    key = vapid_key(settings.push_vapid_key.get_secret_value())
    pusher = WebPusher(
        services=services,
        encryption=encryption,
        signer=PrivateKeySigner(key=key),
        public_key=public_point(key),
        contact=settings.push_vapid_contact or f"mailto:{settings.support_email}",
        real_time=real_time,
    )
    return pusher, public_point(key)
