"""What staff does to accounts: making them, changing what may be changed, suspending and reinstating."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.administration_commands import ChangeUser, CreateUser
from multiproduct.application.identity.administration_results import ManagedUser
from multiproduct.application.identity.authority import in_turn, require_another_admin
from multiproduct.application.identity.commands import UpdateProfile
from multiproduct.application.identity.inviting import Inviting
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.user_reach import another_user, require_reach_over
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_claims import give_up, refuse_given_up
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    BuiltInRole,
    EmailAddress,
    EndReason,
    OwnAccount,
    RoleGranted,
    User,
    Username,
    UsernameTaken,
    UserStatus,
)
from multiproduct.domain.identity.roles import USERS_CREATE, USERS_UPDATE

_CREATE = "identity.users.create"
_MAX_GENERATED_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a new account is to be, as far as it could be read."""

    email: EmailAddress
    username: Username | None
    first_name: str
    last_name: str
    locale: str
    roles: list[str]


class UserManaging:
    """Nobody of the staff ever chooses a password or an address of an account that is there: whoever sets
    either could sign in as that person. Addresses are changed by their owner, who proves the new one; an
    account whose owner lost every address is deleted and made anew."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        inviting: Inviting,
        profile: Profile,
        usernames: UsernameChecking,
        locales: Locales,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._inviting = inviting
        self._profile = profile
        self._usernames = usernames
        self._locales = locales
        self._idempotency = idempotency

    async def create(
        self, command: CreateUser, caller: Caller, *, idempotency_key: str | None = None
    ) -> ManagedUser:
        """Makes an account without a password, whose address counts as unproved, and invites its owner to set
        one. Needs `identity.user.create`.

        Raises InvalidInput, UsernameTaken, EmailTaken, UnknownRole, BeyondOwnPermissions, StepUpRequired,
        TooManyRequests, IdempotencyMismatch.
        """
        caller.require(USERS_CREATE)
        now = self._clock.now()
        self._inviting.require_to_give(command.roles, caller, now=now)
        keyed = self._idempotency.keyed(
            key=idempotency_key, activity=_CREATE, caller=caller, command=command, answer_type=ManagedUser
        )
        repeated = await keyed.first_answer(self._units.view, now=now)
        if repeated is not None:
            return repeated
        findings = InputFindings()
        wish = self._read(command, caller, findings)
        if wish is None or findings.problems:
            raise findings.refusal()
        await self._inviting.admit(wish.email, caller)

        async def body(unit: IdentityUnit) -> ManagedUser:
            async def effect() -> ManagedUser:
                return await self._create(unit, wish, now)

            created = await keyed.once(unit, effect, now=now)
            await unit.commit()
            return created

        try:
            return await in_unit(lambda: self._units.open(caller), body)
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    def check_create(self, command: CreateUser, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: EmailAddress.parse(command.email), "email")
        findings.read(
            lambda: self._usernames.parse(command.username) if command.username else None, "username"
        )
        findings.read(lambda: self._locales.locale(command.locale, default="en"), "locale")

    async def change(self, user_id: UUID, command: ChangeUser, caller: Caller) -> ManagedUser:
        """Changes the given fields: everybody their own as in their profile, others' with
        `identity.user.update`. A user name that was chosen can be changed here; the old one is nobody's for
        90 days.

        Raises InvalidInput, UsernameTaken, UsernameNotChangeable, UnknownUser, OwnAccount, LastAdmin,
        BeyondOwnPermissions.
        """
        if caller.principal.user_id == user_id:
            return await self._change_own(command, caller)
        caller.require(USERS_UPDATE)
        findings = InputFindings()
        changed = self._changed(command, findings)
        findings.refuse()

        async def body(unit: IdentityUnit) -> ManagedUser:
            user = await self._change(unit, user_id, changed, command.status, caller)
            await unit.commit()
            return ManagedUser.managed(user)

        try:
            return await in_unit(lambda: self._units.open(caller), body)
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    def check_change(self, command: ChangeUser, findings: InputFindings) -> None:
        """Adds what `change` would refuse in the fields of a command, also of one that lacks some."""
        self._changed(command, findings)

    async def suspend(self, user_id: UUID, caller: Caller) -> ManagedUser:
        """Ends every session of a person, who cannot sign in until reinstated, and tells them. Needs
        `identity.user.update`. Raises UnknownUser, OwnAccount, LastAdmin, BeyondOwnPermissions."""
        return await self._set_status(user_id, UserStatus.SUSPENDED, caller)

    async def reinstate(self, user_id: UUID, caller: Caller) -> ManagedUser:
        """Lets a suspended person sign in again, and tells them. Needs `identity.user.update`. Raises
        UnknownUser, OwnAccount, BeyondOwnPermissions."""
        return await self._set_status(user_id, UserStatus.ACTIVE, caller)

    async def _set_status(self, user_id: UUID, status: UserStatus, caller: Caller) -> ManagedUser:
        caller.require(USERS_UPDATE)

        async def body(unit: IdentityUnit) -> ManagedUser:
            user = await self._change(unit, user_id, {}, status, caller)
            await unit.commit()
            return ManagedUser.managed(user)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _change(
        self,
        unit: IdentityUnit,
        user_id: UUID,
        changed: dict[str, Any],
        status: UserStatus | None,
        caller: Caller,
    ) -> User:
        now = self._clock.now()
        present = await in_turn(unit, caller, now=now)
        present.require(USERS_UPDATE)
        user = await another_user(unit, user_id, present)
        await require_reach_over(unit, user, present, now=now)
        before = user.username
        user.change_as_staff(changed, now=now)
        if status is not None:
            await self._move(unit, user, status, now)
        await unit.users.save(user)
        if status is not None and not user.may_sign_in:
            # After the save, which waits for a sign-in that is under way: its session is to end too.
            await unit.sessions.end_all(user.id, reason=EndReason.SUSPENDED, now=now)
        if user.username != before:
            await refuse_given_up(unit, user.username, now=now)
            if user.username.key != before.key:
                await give_up(unit, before, for_ever=False, now=now)
            unit.forget(*self._usernames.cache_keys(before.key, user.username.key))
        return user

    async def _move(self, unit: IdentityUnit, user: User, status: UserStatus, now: datetime) -> None:
        if status is UserStatus.ACTIVE:
            user.reinstate(now=now)
            return
        await require_another_admin(unit, user.id)
        user.suspend(now=now)

    async def _change_own(self, command: ChangeUser, caller: Caller) -> ManagedUser:
        if command.status is not None and command.status is not UserStatus.ACTIVE:
            raise OwnAccount
        given = command.model_dump(exclude={"status"}, exclude_unset=True)
        shown = await self._profile.update(UpdateProfile(**given), caller)
        return ManagedUser(**dict(shown), status=UserStatus.ACTIVE)

    async def _create(self, unit: IdentityUnit, wish: _Wish, now: datetime) -> ManagedUser:
        roles = await self._inviting.roles_to_give(unit, wish.roles, email=wish.email, now=now)
        user = await self._keep(unit, wish, roles, now)
        for role in sorted(roles):
            unit.record(RoleGranted(occurred_at=now, user_id=user.id, role=role))
        unit.forget(*self._usernames.cache_keys(user.username.key))
        await self._inviting.send(
            unit,
            email=wish.email,
            names=(user.first_name, user.last_name),
            locale=wish.locale,
            roles=roles,
            user_id=user.id,
            now=now,
        )
        return ManagedUser.managed(user)

    async def _keep(self, unit: IdentityUnit, wish: _Wish, roles: frozenset[str], now: datetime) -> User:
        chosen = wish.username
        names: Sequence[Username] = [chosen] if chosen else self._usernames.generated(_MAX_GENERATED_NAMES)
        for name in names:
            user = User(
                id=self._ids.for_user(),
                username=name,
                username_generated=chosen is None,
                email=wish.email,
                first_name=wish.first_name,
                last_name=wish.last_name,
                locale=wish.locale,
                roles=roles | {BuiltInRole.STANDARD_USER.value},
                created_at=now,
                updated_at=now,
            )
            user.registered(registration_id=None, now=now)
            try:
                await unit.users.add(user)
            except UsernameTaken:
                if chosen is not None:
                    raise
                continue
            if chosen is not None:
                await refuse_given_up(unit, chosen, now=now)
            return user
        raise UsernameTaken(username=names[-1].display)

    def _read(self, command: CreateUser, caller: Caller, findings: InputFindings) -> _Wish | None:
        email = findings.read(lambda: EmailAddress.parse(command.email), "email")
        wished = command.username
        username = findings.read(lambda: self._usernames.parse(wished) if wished else None, "username")
        locale = findings.read(lambda: self._locales.locale(command.locale, default=caller.locale), "locale")
        if email is None or locale is None:
            return None
        return _Wish(
            email=email,
            username=username,
            first_name=command.first_name,
            last_name=command.last_name,
            locale=locale,
            roles=command.roles,
        )

    def _changed(self, command: ChangeUser, findings: InputFindings) -> dict[str, Any]:
        changed = {
            name: value
            for name in command.model_fields_set - {"status"}
            if (value := getattr(command, name)) is not None
        }
        readings: dict[str, Callable[[Any], Any]] = {
            "username": self._usernames.parse,
            "locale": lambda locale: self._locales.locale(locale, default="en"),
            "time_zone": self._locales.time_zone,
        }
        for name, read in readings.items():
            if name in changed:
                changed[name] = findings.read(partial(read, changed[name]), name)
        return changed
