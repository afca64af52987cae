"""A person's own profile: reading it, and changing parts of it."""

from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.commands import UpdateProfile
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import UserView
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import PostalAddress, UsernameTaken
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import Unauthenticated

_NULLABLE = frozenset({"gender", "date_of_birth", "address"})


class Profile:
    """Everybody may read and change their own."""

    def __init__(
        self, *, units: Units[IdentityUnit], clock: Clock, usernames: UsernameChecking, locales: Locales
    ) -> None:
        self._units = units
        self._clock = clock
        self._usernames = usernames
        self._locales = locales

    async def me(self, caller: Caller) -> UserView:
        """The caller's own profile. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            user = await view.users.find(user_id)
        if user is None:
            raise Unauthenticated
        return UserView.of(user)

    async def update(self, command: UpdateProfile, caller: Caller) -> UserView:
        """Changes the given fields. A user name can be changed once, if it was generated.

        Raises Unauthenticated, InvalidInput, UsernameTaken, UsernameNotChangeable.
        """
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        changed = self._changed(command)
        try:
            return await in_unit(
                lambda: self._units.open(caller), lambda unit: self._update(unit, user_id, changed)
            )
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    async def _update(self, unit: IdentityUnit, user_id: UUID, changed: dict[str, Any]) -> UserView:
        user = await unit.users.find(user_id)
        if user is None:
            raise Unauthenticated
        before = user.username
        if changed.get("username") == before:
            changed = {name: value for name, value in changed.items() if name != "username"}
        user.change_profile(changed, now=self._clock.now())
        if user.username != before:
            unit.forget(*self._usernames.cache_keys(before.key, user.username.key))
        await unit.users.save(user)
        await unit.commit()
        return UserView.of(user)

    def _changed(self, command: UpdateProfile) -> dict[str, Any]:
        changed = {
            name: value
            for name in command.model_fields_set
            if (value := getattr(command, name)) is not None or name in _NULLABLE
        }
        if "username" in changed:
            changed["username"] = self._usernames.parse(changed["username"])
        if changed.get("address") is not None:
            changed["address"] = PostalAddress(**changed["address"].model_dump())
        if "locale" in changed:
            changed["locale"] = self._locales.locale(changed["locale"], default="en")
        if "time_zone" in changed:
            changed["time_zone"] = self._locales.time_zone(changed["time_zone"])
        return changed
