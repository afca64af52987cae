"""A person's own profile: reading it, and changing parts of it."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.commands import Address, UpdateProfile
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import UserView
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_claims import give_up, refuse_given_up
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import PostalAddress, UsernameTaken
from multiproduct.domain.identity.countries import COUNTRIES
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import FieldProblem, InvalidInput, Unauthenticated

_NULLABLE = frozenset({"gender", "date_of_birth", "address"})
_EARLIEST_BIRTH = date(1900, 1, 1)


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
        findings = InputFindings()
        changed = self._changed(command, findings)
        findings.refuse()
        try:
            return await in_unit(
                lambda: self._units.open(caller), lambda unit: self._update(unit, user_id, changed)
            )
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    async def _update(self, unit: IdentityUnit, user_id: UUID, changed: dict[str, Any]) -> UserView:
        now = self._clock.now()
        user = await present_user(unit, user_id)
        before = user.username
        if changed.get("username") == before:
            changed = {name: value for name, value in changed.items() if name != "username"}
        user.change_profile(changed, now=now)
        await unit.users.save(user)
        if user.username != before:
            await refuse_given_up(unit, user.username, now=now)
            if user.username.key != before.key:
                await give_up(unit, before, for_ever=False, now=now)
            unit.forget(*self._usernames.cache_keys(before.key, user.username.key))
        await unit.commit()
        return UserView.of(user)

    def _date_of_birth(self, day: date | None) -> date | None:
        # Somewhere it is tomorrow already.
        if day is not None and not _EARLIEST_BIRTH <= day <= (self._clock.now() + timedelta(days=1)).date():
            raise InvalidInput(FieldProblem("date_of_birth", "invalid_date"))
        return day

    def check_update(self, command: UpdateProfile, findings: InputFindings) -> None:
        """Adds what `update` would refuse in the fields of a command, also of one that lacks some."""
        self._changed(command, findings)

    def _changed(self, command: UpdateProfile, findings: InputFindings) -> dict[str, Any]:
        changed = {
            name: value
            for name in command.model_fields_set
            if (value := getattr(command, name)) is not None or name in _NULLABLE
        }
        readings: dict[str, Callable[[Any], Any]] = {
            "username": self._usernames.parse,
            "address": _address,
            "date_of_birth": self._date_of_birth,
            "locale": lambda locale: self._locales.locale(locale, default="en"),
            "time_zone": self._locales.time_zone,
        }
        for name, read in readings.items():
            if name in changed:
                changed[name] = findings.read(partial(read, changed[name]), name)
        return changed


def _address(given: Address | None) -> PostalAddress | None:
    if given is None:
        return None
    country = given.country.upper()
    problems = [
        FieldProblem(f"address.{name}", "invalid")
        for name, text in given.model_dump().items()
        if not text.isprintable()
    ]
    if country and country not in COUNTRIES:
        problems.append(FieldProblem("address.country", "invalid_country"))
    if problems:
        raise InvalidInput(*problems)
    lines = {name: " ".join(text.split()) for name, text in given.model_dump(exclude={"country"}).items()}
    return PostalAddress(**lines, country=country)
