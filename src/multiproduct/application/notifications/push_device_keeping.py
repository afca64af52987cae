"""Devices that notifications are pushed to: registered, refreshed, listed and removed by their owner."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.present_user import own_account
from multiproduct.application.notifications.push_commands import RefreshPushDevice, RegisterPushDevice
from multiproduct.application.notifications.push_ports import PushChannels, PushUnit
from multiproduct.application.notifications.push_results import (
    PushDeviceList,
    PushDeviceRemoval,
    PushDeviceView,
    PushOptions,
)
from multiproduct.application.notifications.push_tokens import GivenToken, PushTokens
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.push_device import (
    DeviceRemovedFor,
    PushDevice,
    place_among,
)
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotConfigured, NotFound


class PushDeviceKeeping:
    """Everybody sees to their own devices. Whoever signs in on a device has its token: one that somebody else
    had is theirs no more, under an id that is theirs no more either."""

    def __init__(
        self,
        *,
        units: Units[PushUnit],
        channels: PushChannels,
        tokens: PushTokens,
        locales: Locales,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._units = units
        self._channels = channels
        self._tokens = tokens
        self._locales = locales
        self._clock = clock
        self._ids = ids

    async def options(self, caller: Caller) -> PushOptions:
        """What the installation pushes to. Raises Unauthenticated."""
        caller.require_user()
        return PushOptions(kinds=list(self._channels.kinds), vapid_public_key=self._channels.vapid_public_key)

    async def register(self, command: RegisterPushDevice, caller: Caller) -> PushDeviceView:
        """Keeps a device; one of the caller's own with that token is refreshed. Raises Unauthenticated,
        NotConfigured, InvalidInput."""
        user_id = caller.require_user()
        if command.kind not in self._channels.pushers:
            raise NotConfigured(what=f"push.{command.kind.value}")
        given = self._tokens.read(command.kind, command.token, command.keys)
        locale = self._locale(command)

        async def body(unit: PushUnit) -> PushDeviceView:
            now = self._clock.now()
            kept = await unit.push_devices.with_token(given.digest)
            if kept is not None and kept.user_id == user_id:
                kept.refresh(
                    token=self._tokens.sealed(given, user_id=user_id, device_id=kept.id),
                    name=command.name or None,
                    locale=locale,
                    session_id=caller.principal.session_id,
                    now=now,
                )
                await unit.push_devices.save(kept)
                await unit.commit()
                return PushDeviceView.of(kept, now=now)
            user = await own_account(unit, user_id, now=now)
            if kept is not None:
                await _remove(unit, kept, DeviceRemovedFor.MOVED, now=now)
            device = await self._placed(unit, user, given, command, caller)
            await unit.push_devices.add(device)
            await unit.commit()
            return PushDeviceView.of(device, now=now)

        return await in_unit(lambda: self._units.open(caller), body)

    async def refresh(self, device_id: UUID, command: RefreshPushDevice, caller: Caller) -> PushDeviceView:
        """Notes that a device is there, under another token where one is given. Raises Unauthenticated,
        NotFound, InvalidInput."""
        user_id = caller.require_user()
        locale = self._locale(command)
        if command.token is None and command.keys is not None:
            raise InvalidInput(FieldProblem("token", "required"))

        async def body(unit: PushUnit) -> PushDeviceView:
            now = self._clock.now()
            device = await _own(unit, device_id, user_id)
            token = None
            if command.token is not None:
                given = self._tokens.read(device.kind, command.token, command.keys)
                token = self._tokens.sealed(given, user_id=user_id, device_id=device.id)
                rival = await unit.push_devices.with_token(given.digest)
                if rival is not None and rival.id != device.id:
                    await _remove(unit, rival, DeviceRemovedFor.MOVED, now=now)
            device.refresh(
                token=token,
                name=command.name,
                locale=locale,
                session_id=caller.principal.session_id,
                now=now,
            )
            await unit.push_devices.save(device)
            await unit.commit()
            return PushDeviceView.of(device, now=now)

        return await in_unit(lambda: self._units.open(caller), body)

    async def mine(self, caller: Caller) -> PushDeviceList:
        """The caller's, those refreshed last first. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            found = await view.push_devices.of_user(user_id)
        now = self._clock.now()
        return PushDeviceList(items=[PushDeviceView.of(each, now=now) for each in found])

    async def remove(self, device_id: UUID, caller: Caller) -> PushDeviceRemoval:
        """Nothing is pushed to it any more. Raises Unauthenticated, NotFound."""
        user_id = caller.require_user()

        async def body(unit: PushUnit) -> PushDeviceRemoval:
            device = await _own(unit, device_id, user_id)
            await _remove(unit, device, DeviceRemovedFor.OWNER, now=self._clock.now())
            await unit.commit()
            return PushDeviceRemoval()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _placed(
        self, unit: PushUnit, user: User, given: GivenToken, command: RegisterPushDevice, caller: Caller
    ) -> PushDevice:
        now, device_id = self._clock.now(), self._ids.next()
        slot, crowded_out = place_among(await unit.push_devices.of_user(user.id))
        if crowded_out is not None:
            await _remove(unit, crowded_out, DeviceRemovedFor.CROWDED_OUT, now=now)
        return PushDevice.register(
            id=device_id,
            user_id=user.id,
            slot=slot,
            kind=given.kind,
            token=self._tokens.sealed(given, user_id=user.id, device_id=device_id),
            name=command.name,
            locale=self._locale(command) or user.locale,
            session_id=caller.principal.session_id,
            now=now,
        )

    def _locale(self, command: RegisterPushDevice | RefreshPushDevice) -> str | None:
        return None if command.locale is None else self._locales.locale(command.locale, default="")


async def _own(unit: PushUnit, id: UUID, user_id: UUID) -> PushDevice:
    device = await unit.push_devices.find(id)
    if device is None or device.user_id != user_id:
        raise NotFound
    return device


async def _remove(unit: PushUnit, device: PushDevice, reason: DeviceRemovedFor, *, now: datetime) -> None:
    device.removed(reason, now=now)
    await unit.push_devices.remove(device)
