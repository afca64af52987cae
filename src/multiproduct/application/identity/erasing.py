"""Erasing a person: everything personal goes, the id stays as a pseudonym in books and logs."""

import json
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.identity.authority import in_turn, require_another_admin
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.user_reach import another_user, require_reach_over
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_claims import give_up
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EndReason, User, UserStatus
from multiproduct.domain.identity.picture import picture_of
from multiproduct.domain.identity.roles import USERS_DELETE
from multiproduct.domain.shared import Unauthenticated


class Erasing:
    """One transaction: vetoes are heard, the account is emptied, and every row that was kept for the person
    alone is removed. The last mail goes to the address that was, which is kept sealed until then."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        sealing: Sealing,
        registry: PersonalDataRegistry,
        usernames: UsernameChecking,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._sealing = sealing
        self._registry = registry
        self._usernames = usernames

    async def erase_own(self, caller: Caller) -> Done:
        """Erases the caller, who signed in recently. Raises Unauthenticated, StepUpRequired, ErasureRefused,
        LastAdmin."""
        user_id = caller.require_user()
        caller.require_recent(self._clock.now())

        async def body(unit: IdentityUnit) -> Done:
            await require_another_admin(unit, user_id)
            user = await unit.users.find(user_id)
            if user is None or user.status is UserStatus.DELETED:
                raise Unauthenticated
            await self._erase(unit, user)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def erase(self, user_id: UUID, caller: Caller) -> Done:
        """Erases somebody else. Needs `identity.user.delete` and a recent sign-in. Raises UnknownUser,
        OwnAccount, StepUpRequired, ErasureRefused, LastAdmin, BeyondOwnPermissions."""
        caller.require(USERS_DELETE)
        now = self._clock.now()
        caller.require_recent(now)

        async def body(unit: IdentityUnit) -> Done:
            present = await in_turn(unit, caller, now=now)
            present.require(USERS_DELETE)
            user = await another_user(unit, user_id, present)
            await require_reach_over(unit, user, present, now=now)
            await require_another_admin(unit, user_id)
            await self._erase(unit, user)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _erase(self, unit: IdentityUnit, user: User) -> None:
        now = self._clock.now()
        await self._registry.refuse_if_needed(unit, user.id)
        await self._registry.settle(unit, user.id)
        keeps_name = await self._registry.keeps_username(unit, user.id)
        addresses = [key for key in (user.email and user.email.key, user.phone and user.phone.e164) if key]
        before, picture = user.username, picture_of(user.avatar)
        farewell = self._farewell(user, now)
        user.erase(now=now)
        await unit.users.save(user)
        await give_up(unit, before, for_ever=keeps_name, now=now)
        if picture is not None:
            await unit.pictures.drop(picture, now=now)
        await unit.documents.drop_all(user.id, now=now)
        await unit.consents.anonymise(user.id)
        await unit.sessions.end_all(user.id, reason=EndReason.ERASED, now=now)
        await unit.personal_rows.erase(user.id, address_keys=addresses)
        if farewell is not None:
            await unit.farewells.put(farewell)
        unit.forget(*self._usernames.cache_keys(before.key))

    def _farewell(self, user: User, now: datetime) -> SealedRecord | None:
        if user.email is None:
            return None
        record_id = self._ids.next()
        words = {"email": user.email.display, "locale": user.locale, "time_zone": user.time_zone}
        purpose = sealed_purposes.of_farewell(user.id, record_id)
        sealed = self._sealing.seal(json.dumps(words).encode(), purpose=purpose)
        return SealedRecord(id=record_id, user_id=user.id, sealed=sealed, updated_at=now)
