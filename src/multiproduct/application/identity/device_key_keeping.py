"""Enrolling the keys of one's devices, and seeing to those that one has."""

import base64
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.device_key_commands import EnrolDeviceKey
from multiproduct.application.identity.device_key_ports import DeviceSignatures
from multiproduct.application.identity.device_key_results import (
    DeviceKeyChallenge,
    DeviceKeyList,
    DeviceKeyView,
)
from multiproduct.application.identity.factor_changes import changed
from multiproduct.application.identity.passkey_checking import CeremonyIssuing
from multiproduct.application.identity.passkey_commands import RenameKey
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    CeremonyAnswer,
    CeremonyChallenge,
    CeremonyPurpose,
    CredentialRefused,
    DeviceKey,
    DeviceKeyState,
    EndReason,
    TooManyCredentials,
)
from multiproduct.domain.identity.device_key import (
    MAX_DEVICE_KEYS,
    claims_hash,
    device_message,
    key_id_of,
)
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotFound

_PURPOSE = CeremonyPurpose.DEVICE_KEY_ENROLMENT


class DeviceKeyKeeping:
    """Everybody sees to their own. One more needs a recent proof of who one is; one more and one less end the
    person's other sessions."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        signatures: DeviceSignatures,
        issuing: CeremonyIssuing,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._signatures = signatures
        self._issuing = issuing
        self._throttle = throttle

    async def enrolment_options(self, caller: Caller) -> DeviceKeyChallenge:
        """What a new key has to answer within 60 seconds. Raises Unauthenticated, StepUpRequired,
        TooManyCredentials."""
        now, user_id = await self._admit(caller)

        async def body(unit: IdentityUnit) -> DeviceKeyChallenge:
            await _require_room(unit, user_id)
            challenge = await self._issuing.issue(unit, _PURPOSE, user_id=user_id, now=now)
            await unit.commit()
            return DeviceKeyChallenge.of(challenge)

        return await in_unit(lambda: self._units.open(caller), body)

    async def enrol(self, command: EnrolDeviceKey, caller: Caller) -> DeviceKeyView:
        """Keeps the key of a device that signed with it. Raises CredentialRefused, CredentialTaken,
        TooManyCredentials, Unauthenticated, StepUpRequired."""
        now, user_id = await self._admit(caller)

        async def body(unit: IdentityUnit) -> DeviceKeyView | None:
            user = await present_user(unit, user_id)
            answer = CeremonyAnswer(
                id=command.challenge_id, purpose=_PURPOSE, audience=self._issuing.audience, user_id=user_id
            )
            challenge = await unit.ceremony_challenges.consume(answer, now=now)
            if challenge is None:
                return None
            key = self._new_key(command, user_id, now)
            if not self._proves(command, key, challenge):
                await unit.commit()
                return None
            await _require_room(unit, user_id)
            key.confirm(now=now)
            await changed(unit, user, now=now)
            await unit.device_keys.add(key)
            await unit.commit()
            return DeviceKeyView.of(key)

        kept = await in_unit(lambda: self._units.open_alone(caller), body)
        if kept is None:
            raise CredentialRefused
        return kept

    async def mine(self, caller: Caller) -> DeviceKeyList:
        """The caller's device keys, the oldest first. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            found = await view.device_keys.of_user(user_id)
        return DeviceKeyList(items=[DeviceKeyView.of(each) for each in found])

    async def rename(self, id: UUID, command: RenameKey, caller: Caller) -> DeviceKeyView:
        """Calls one's device key otherwise. Raises NotFound, Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> DeviceKeyView:
            key = await _own(unit, id, user_id)
            key.rename(command.name, now=now)
            if not await unit.device_keys.rename(key):
                raise NotFound
            await unit.commit()
            return DeviceKeyView.of(key)

        return await in_unit(lambda: self._units.open(caller), body)

    async def revoke(self, id: UUID, caller: Caller) -> Done:
        """Gives one's device key up, for good, and ends every session that it began, also the caller's. A
        device is lost when it is: this needs no recent proof. Raises NotFound, Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> Done:
            user = await present_user(unit, user_id)
            key = await _own(unit, id, user_id)
            key.revoke(now=now)
            if not await unit.device_keys.revoke(key):
                raise NotFound
            await unit.device_keys.end_sessions(key.id, reason=EndReason.REVOKED, now=now)
            await changed(unit, user, now=now)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _admit(self, caller: Caller) -> tuple[datetime, UUID]:
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()
        caller.require_recent(now)
        await self._throttle.admit("ceremony", caller)
        return now, user_id

    def _new_key(self, command: EnrolDeviceKey, user_id: UUID, now: datetime) -> DeviceKey:
        spki = decoded(command.public_key)
        return DeviceKey(
            id=self._ids.next(),
            user_id=user_id,
            key_id=key_id_of(spki),
            spki=spki,
            name=command.name,
            user_verification=command.user_verification,
            storage=command.storage,
            created_at=now,
        )

    def _proves(self, command: EnrolDeviceKey, key: DeviceKey, challenge: CeremonyChallenge) -> bool:
        message = device_message(
            rp=challenge.audience,
            key_id=key.key_id,
            challenge=challenge.challenge,
            purpose=challenge.purpose.value,
            body_hash=claims_hash(key.user_verification, key.storage),
        )
        return self._signatures.is_good(key.spki, decoded(command.signature), message)


def decoded(text: str) -> bytes:
    """The bytes of URL-safe base64 without padding; none for a text that stands for none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


async def _require_room(unit: IdentityUnit, user_id: UUID) -> None:
    # Rivals may go past it together, by no more than there are rivals: it is there to bound a list.
    if len(await unit.device_keys.of_user(user_id)) >= MAX_DEVICE_KEYS:
        raise TooManyCredentials(max=MAX_DEVICE_KEYS)


async def _own(unit: IdentityUnit, id: UUID, user_id: UUID) -> DeviceKey:
    key = await unit.device_keys.find(id)
    if key is None or key.user_id != user_id or key.state is DeviceKeyState.REVOKED:
        raise NotFound
    return key
