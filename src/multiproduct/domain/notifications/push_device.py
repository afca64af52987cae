"""Devices that notifications are pushed to: whose they are, and for how long a token is believed in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.notifications.push_events import (
    PushDeviceRegistered,
    PushDeviceRemoved,
    PushTokenReplaced,
)
from multiproduct.domain.shared import Aggregate

MAX_DEVICES = 20
"""Of one person. The next one takes the place of the one that was refreshed longest ago."""
STALE_AFTER = timedelta(days=60)
"""An app refreshes its token whenever it starts. Where it has not for so long, nobody is looking."""
KEPT_FOR = timedelta(days=270)
"""After this without a refresh a device is removed; FCM lets tokens expire after as long."""


class PushKind(StrEnum):
    """Who brings a push to the device: Firebase, Apple, or the push service of a browser."""

    FCM = "fcm"
    APNS = "apns"
    WEB = "web"


class DeviceRemovedFor(StrEnum):
    """Why a device is not pushed to any more."""

    OWNER = "owner"
    MOVED = "moved"
    """Somebody else signed in on it."""
    CROWDED_OUT = "crowded_out"
    """Its owner registered more devices than one may have."""
    DEAD = "dead"
    """Its provider says that the token is none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedToken:
    """A device's token: a digest to find it by, and the token itself, sealed for its device."""

    digest: str
    sealed: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class PushDevice(Aggregate):
    """A token of somebody's device. No two devices have the same token.

    `slot` is a place from 0 up that no other device of the person has. `session_id` is the session that it
    was registered or refreshed in last: once that is over, the person has signed out on the device.
    """

    id: UUID
    user_id: UUID
    slot: int
    kind: PushKind
    token: SealedToken
    name: str
    locale: str
    session_id: UUID | None
    registered_at: datetime
    refreshed_at: datetime

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        user_id: UUID,
        slot: int,
        kind: PushKind,
        token: SealedToken,
        name: str,
        locale: str,
        session_id: UUID | None,
        now: datetime,
    ) -> "PushDevice":
        """A new one."""
        device = cls(
            id=id,
            user_id=user_id,
            slot=slot,
            kind=kind,
            token=token,
            name=name,
            locale=locale,
            session_id=session_id,
            registered_at=now,
            refreshed_at=now,
        )
        device._record(
            PushDeviceRegistered(occurred_at=now, push_device_id=id, user_id=user_id, kind=kind.value)
        )
        return device

    def refresh(
        self,
        *,
        token: SealedToken | None,
        name: str | None,
        locale: str | None,
        session_id: UUID | None,
        now: datetime,
    ) -> None:
        """The device was seen. What is None stays as it is, but for the session. It happens at every start of
        an app, and is an event only where the device has another token now."""
        if token is not None:
            if token.digest != self.token.digest:
                self._record(
                    PushTokenReplaced(
                        occurred_at=now,
                        push_device_id=self.id,
                        user_id=self.user_id,
                        kind=self.kind.value,
                    )
                )
            self.token = token
        self.name = self.name if name is None else name
        self.locale = self.locale if locale is None else locale
        self.session_id = session_id
        self.refreshed_at = max(self.refreshed_at, now)

    def removed(self, reason: DeviceRemovedFor, *, now: datetime) -> None:
        """Records that it is pushed to no more."""
        self._record(
            PushDeviceRemoved(
                occurred_at=now,
                push_device_id=self.id,
                user_id=self.user_id,
                kind=self.kind.value,
                reason=reason.value,
            )
        )

    def is_stale(self, now: datetime) -> bool:
        """Whether it was not refreshed for so long that nothing is pushed to it."""
        return now - self.refreshed_at >= STALE_AFTER

    def died_at(self, moment: datetime | None) -> bool:
        """Whether a provider that says the token was none from that moment on means the token as it was
        refreshed last. Without a moment it does."""
        return moment is None or self.refreshed_at <= moment


def place_among(devices: Sequence[PushDevice]) -> tuple[int, PushDevice | None]:
    """The slot of a person's next device, and the one that has to give way to it."""
    taken = {each.slot for each in devices}
    free = next((slot for slot in range(MAX_DEVICES) if slot not in taken), None)
    if free is not None:
        return free, None
    longest_ago = min(devices, key=lambda each: (each.refreshed_at, each.id))
    return longest_ago.slot, longest_ago
