"""Accepting an invitation: a password of one's own, and an account in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.administration_commands import AcceptInvitation
from multiproduct.application.identity.authority import lasting_principal, require_reach
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.invitation_tokens import InvitationTokens, ReadInvitationToken
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Registered, UserView
from multiproduct.application.identity.taking_possession import make_theirs, may_be_admitted
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_claims import give_up, refuse_given_up
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import LinkStanding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    BuiltInRole,
    ContactKind,
    Invitation,
    InvitationInvalid,
    InvitationState,
    RoleGranted,
    User,
    Username,
    UsernameTaken,
)
from multiproduct.domain.identity.assignment import PLATFORM
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.identity.roles import ROLES_ASSIGN
from multiproduct.domain.otp import Channel

_MAX_GENERATED_NAMES = 8
_STANDINGS = {
    InvitationState.OPEN: LinkStanding.GOOD,
    InvitationState.ACCEPTED: LinkStanding.USED,
    InvitationState.REVOKED: LinkStanding.EXPIRED,
    InvitationState.EXPIRED: LinkStanding.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What somebody accepts with."""

    token: ReadInvitationToken
    username: Username | None
    first_name: str | None
    last_name: str | None
    password_hash: str = field(repr=False)


class InvitationAccepting:
    """Whoever has the link holds the mailbox, so that the address counts as proved. Looking at the link
    changes nothing."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        tokens: InvitationTokens,
        hasher: PasswordHasher,
        passwords: PasswordPolicy,
        breaches: BreachChecking,
        usernames: UsernameChecking,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._tokens = tokens
        self._hasher = hasher
        self._passwords = passwords
        self._breaches = breaches
        self._usernames = usernames
        self._throttle = throttle

    async def standing(self, token: str, caller: Caller = ANYBODY) -> LinkStanding:
        """What the link would be worth at this moment; at most one query. Raises TooManyRequests."""
        await self._throttle.admit("open", caller)
        read = self._tokens.read(token)
        if read is None:
            return LinkStanding.UNKNOWN
        async with self._units.view(caller) as view:
            invitation = await view.invitations.find(read.invitation_id)
        if invitation is None or invitation.generation != read.generation:
            return LinkStanding.EXPIRED
        return _STANDINGS[invitation.state(now=self._clock.now())]

    async def accept(self, command: AcceptInvitation, caller: Caller = ANYBODY) -> Registered:
        """Makes the user, or sets the password of the one that is there, in the transaction that consumes the
        invitation. It takes no idempotency key: whoever repeats it signs in.

        Raises InvitationInvalid, InvalidInput, UsernameTaken, EmailTaken, PasswordThere, TooManyRequests.
        """
        await self._throttle.admit("code_check", caller)
        token = self._tokens.read(command.token)
        if token is None:
            raise InvitationInvalid
        async with self._units.view(caller) as view:
            invitation = await view.invitations.find(token.invitation_id)
        now = self._clock.now()
        if invitation is None or not _is_good(invitation, token, now):
            raise InvitationInvalid
        findings = InputFindings()
        password = findings.read(lambda: self._checked(command, invitation), "password", "username")
        username = findings.read(lambda: self._wished(command), "username")
        if password is None or findings.problems:
            raise findings.refusal()
        await self._breaches.refuse(password)
        wish = _Wish(
            token=token,
            username=username,
            first_name=command.first_name,
            last_name=command.last_name,
            password_hash=await self._hasher.hash(password),
        )

        async def body(unit: IdentityUnit) -> Registered:
            user = await self._accept(unit, wish, now)
            await unit.commit()
            return Registered(user=UserView.of(user))

        try:
            return await in_unit(lambda: self._units.open(caller), body)
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    def check(self, command: AcceptInvitation, findings: InputFindings) -> None:
        """Adds what `accept` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._checked(command, None), "password")
        findings.read(lambda: self._wished(command), "username")

    def _wished(self, command: AcceptInvitation) -> Username | None:
        return self._usernames.parse(command.username) if command.username else None

    def _checked(self, command: AcceptInvitation, invitation: Invitation | None) -> str:
        words = [command.username, command.first_name, command.last_name]
        if invitation is not None:
            words += [invitation.email.display, invitation.first_name, invitation.last_name]
        self._passwords.check(command.password, [word for word in words if word])
        return prepared(command.password)

    async def _accept(self, unit: IdentityUnit, wish: _Wish, now: datetime) -> User:
        invitation = await unit.invitations.find(wish.token.invitation_id)
        if invitation is None or not _is_good(invitation, wish.token, now):
            raise InvitationInvalid
        invited = await self._invited(unit, invitation)
        user_id = invited.id if invited else self._ids.for_user()
        roles = await self._roles_still_given(unit, invitation, now) if invited is None else frozenset()
        invitation.accepted(user_id, now=now)
        if not await unit.invitations.accept(invitation, now=now):
            raise InvitationInvalid
        await unit.invitations.supersede(invitation.email.key, now=now, besides=invitation.id)
        if invited is None:
            user = await self._add(unit, invitation, wish, roles, now)
        else:
            user = await self._let_in(unit, invited, wish, now)
        unit.forget(*self._usernames.cache_keys(user.username.key))
        return user

    async def _invited(self, unit: IdentityUnit, invitation: Invitation) -> User | None:
        """The account that was made for the invitation. Raises InvitationInvalid where it is not what it
        was."""
        if invitation.user_id is None:
            return None
        user = await unit.users.find(invitation.user_id)
        if user is None or not user.may_sign_in or user.email is None:
            raise InvitationInvalid
        if user.email.key != invitation.email.key or not may_be_admitted(user, Channel.EMAIL):
            raise InvitationInvalid
        return user

    async def _add(
        self,
        unit: IdentityUnit,
        invitation: Invitation,
        wish: _Wish,
        roles: frozenset[str],
        now: datetime,
    ) -> User:
        chosen = wish.username
        names: Sequence[Username] = [chosen] if chosen else self._usernames.generated(_MAX_GENERATED_NAMES)
        for name in names:
            user = User(
                id=invitation.user_id or self._ids.for_user(),
                username=name,
                username_generated=chosen is None,
                email=invitation.email,
                email_verified=True,
                password_hash=wish.password_hash,
                first_name=_given(wish.first_name, invitation.first_name),
                last_name=_given(wish.last_name, invitation.last_name),
                locale=invitation.locale,
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
                await refuse_given_up(unit, name, now=now)
            for role in sorted(roles):
                unit.record(RoleGranted(occurred_at=now, user_id=user.id, role=role))
            return user
        raise UsernameTaken(username=names[-1].display)

    async def _let_in(self, unit: IdentityUnit, user: User, wish: _Wish, now: datetime) -> User:
        given = {
            "username": wish.username,
            "first_name": wish.first_name or None,
            "last_name": wish.last_name or None,
        }
        before = user.username
        await make_theirs(unit, user, ContactKind.EMAIL, now=now)
        user.change_profile({name: value for name, value in given.items() if value is not None}, now=now)
        user.accept_invitation(wish.password_hash, now=now)
        await unit.users.save(user)
        if user.username != before:
            await refuse_given_up(unit, user.username, now=now)
            if user.username.key != before.key:
                await give_up(unit, before, for_ever=False, now=now)
            unit.forget(*self._usernames.cache_keys(before.key))
        return user

    async def _roles_still_given(
        self, unit: IdentityUnit, invitation: Invitation, now: datetime
    ) -> frozenset[str]:
        """Those of the invitation's roles that are there, and that whoever invited may still give: somebody
        who left the staff meanwhile has nothing more to give away."""
        if not invitation.roles:
            return frozenset()
        await unit.roles.hold_all()
        known = {role.key: role for role in await unit.roles.every()}
        roles = [known[key] for key in sorted(invitation.roles) if key in known]
        giver = await _giver(unit, invitation, now)
        if giver is None:
            return frozenset(role.key for role in roles) if invitation.invited_by is None else frozenset()
        given = set()
        for role in roles:
            try:
                require_reach(giver, role, PLATFORM)
            except BeyondOwnPermissions:
                continue
            given.add(role.key)
        return frozenset(given)


async def _giver(unit: IdentityUnit, invitation: Invitation, now: datetime) -> Caller | None:
    """Whoever invited, with what they may do for good; None where they may give no roles at this moment."""
    if invitation.invited_by is None:
        return None
    user = await unit.users.find(invitation.invited_by)
    if user is None or not user.may_sign_in:
        return None
    present = await lasting_principal(unit, user.id, until=now, now=now)
    if not present.may(ROLES_ASSIGN):
        return None
    return Caller(principal=await lasting_principal(unit, user.id, until=None, now=now))


def _is_good(invitation: Invitation, token: ReadInvitationToken, now: datetime) -> bool:
    is_newest = invitation.generation == token.generation
    return is_newest and invitation.state(now=now) is InvitationState.OPEN


def _given(wished: str | None, invited: str) -> str:
    return invited if wished is None else wished
