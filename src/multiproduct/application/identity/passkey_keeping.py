"""Adding passkeys to one's account, and seeing to those that one has."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.factor_changes import FactorChanges
from multiproduct.application.identity.passkey_checking import CeremonyIssuing
from multiproduct.application.identity.passkey_commands import AddPasskey, RenameKey
from multiproduct.application.identity.passkey_ports import NewCredential, PasskeyCeremonies
from multiproduct.application.identity.passkey_results import (
    NewPasskey,
    PasskeyList,
    PasskeyOptions,
    PasskeyView,
)
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    CeremonyAnswer,
    CeremonyPurpose,
    CredentialRefused,
    Passkey,
    TooManyCredentials,
)
from multiproduct.domain.identity.passkey import MAX_PASSKEYS, transports_of
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.identity.ways_in import refuse_to_lock_out
from multiproduct.domain.shared import NotFound

_PURPOSE = CeremonyPurpose.PASSKEY_REGISTRATION


class PasskeyKeeping:
    """Everybody sees to their own. One more and one less need a recent proof of who one is, and end the
    person's other sessions."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        ceremonies: PasskeyCeremonies,
        issuing: CeremonyIssuing,
        changes: FactorChanges,
        ways_in: WaysInCounting,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._ceremonies = ceremonies
        self._issuing = issuing
        self._changes = changes
        self._ways_in = ways_in
        self._throttle = throttle

    async def registration_options(self, caller: Caller) -> PasskeyOptions:
        """What a browser needs to make a passkey. Raises Unauthenticated, StepUpRequired,
        TooManyCredentials."""
        now, user_id = await self._admit(caller)

        async def body(unit: IdentityUnit) -> PasskeyOptions:
            user = await present_user(unit, user_id)
            existing = await unit.passkeys.of_user(user_id)
            if len(existing) >= MAX_PASSKEYS:
                raise TooManyCredentials(max=MAX_PASSKEYS)
            challenge = await self._issuing.issue(unit, _PURPOSE, user_id=user_id, now=now)
            options = self._ceremonies.creation_options(
                challenge=challenge.challenge, user=user, existing=existing
            )
            await unit.commit()
            return PasskeyOptions(
                challenge_id=challenge.id, expires_at=challenge.expires_at, public_key=options
            )

        return await in_unit(lambda: self._units.open(caller), body)

    async def register(self, command: AddPasskey, caller: Caller) -> NewPasskey:
        """Keeps a passkey that was just made; recovery codes come with the first second factor. Raises
        CredentialRefused, CredentialTaken, TooManyCredentials, Unauthenticated, StepUpRequired."""
        now, user_id = await self._admit(caller)

        async def body(unit: IdentityUnit) -> NewPasskey | None:
            user = await present_user(unit, user_id)
            answer = CeremonyAnswer(
                id=command.challenge_id,
                purpose=_PURPOSE,
                audience=self._ceremonies.audience,
                user_id=user_id,
            )
            challenge = await unit.ceremony_challenges.consume(answer, now=now)
            if challenge is None:
                return None
            created = self._ceremonies.created(command.credential, challenge=challenge.challenge)
            if created is None:
                await unit.commit()
                return None
            await self._require_room(unit, user_id)
            passkey = self._made(command, created, user_id, now)
            codes = await self._changes.added(unit, user, now=now)
            await unit.passkeys.add(passkey)
            await unit.commit()
            return NewPasskey.made(passkey, codes)

        kept = await in_unit(lambda: self._units.open_alone(caller), body)
        if kept is None:
            raise CredentialRefused
        return kept

    async def mine(self, caller: Caller) -> PasskeyList:
        """The caller's passkeys, the oldest first. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            found = await view.passkeys.of_user(user_id)
        return PasskeyList(items=[PasskeyView.of(each) for each in found])

    async def rename(self, passkey_id: UUID, command: RenameKey, caller: Caller) -> PasskeyView:
        """Calls one's passkey otherwise. Raises NotFound, Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> PasskeyView:
            passkey = await _own(unit, passkey_id, user_id)
            passkey.rename(command.name, now=now)
            if not await unit.passkeys.rename(passkey):
                raise NotFound
            await unit.commit()
            return PasskeyView.of(passkey)

        return await in_unit(lambda: self._units.open(caller), body)

    async def remove(self, passkey_id: UUID, caller: Caller) -> Done:
        """Gives one's passkey up; recovery codes go with the last second factor. Raises NotFound, LastWayIn,
        Unauthenticated, StepUpRequired."""
        now, user_id = await self._admit(caller)

        async def body(unit: IdentityUnit) -> Done:
            user = await present_user(unit, user_id)
            # Written first: of rivals who give up ways in, one at a time reads what the others left.
            await unit.users.save(user)
            passkey = await _own(unit, passkey_id, user_id)
            ways = await self._ways_in.of(unit, user)
            refuse_to_lock_out(replace(ways, passkeys=ways.passkeys - passkey.is_way_in))
            passkey.removed(now=now)
            if not await unit.passkeys.remove(passkey):
                raise NotFound
            await self._changes.removed(unit, user, now=now)
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

    async def _require_room(self, unit: IdentityUnit, user_id: UUID) -> None:
        # Rivals may go past it together, by no more than there are rivals: it is there to bound a list.
        if len(await unit.passkeys.of_user(user_id)) >= MAX_PASSKEYS:
            raise TooManyCredentials(max=MAX_PASSKEYS)

    def _made(self, command: AddPasskey, created: NewCredential, user_id: UUID, now: datetime) -> Passkey:
        passkey = Passkey(
            id=self._ids.next(),
            user_id=user_id,
            credential_id=created.credential_id,
            public_key=created.public_key,
            sign_count=created.sign_count,
            aaguid=created.aaguid,
            transports=transports_of(command.credential),
            name=command.name,
            verifies_user=created.verifies_user,
            is_backup_eligible=created.is_backup_eligible,
            is_backed_up=created.is_backed_up,
            created_at=now,
        )
        passkey.added()
        return passkey


async def _own(unit: IdentityUnit, passkey_id: UUID, user_id: UUID) -> Passkey:
    passkey = await unit.passkeys.find(passkey_id)
    if passkey is None or passkey.user_id != user_id:
        raise NotFound
    return passkey
