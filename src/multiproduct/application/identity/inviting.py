"""Invitations as staff deals with them: sending, listing, sending again and revoking them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.administration_commands import InviteUser, ListInvitations
from multiproduct.application.identity.administration_results import InvitationList, InvitationView
from multiproduct.application.identity.authority import in_turn, require_lasting_reach, require_reach
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.user_listing import place_of
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook
from multiproduct.application.paging import encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    BuiltInRole,
    EmailAddress,
    EmailTaken,
    Invitation,
    InvitationsRead,
    UnknownRole,
)
from multiproduct.domain.identity.assignment import PLATFORM
from multiproduct.domain.identity.roles import ROLES_ASSIGN, USERS_CREATE
from multiproduct.domain.shared import NotFound

_INVITE = "identity.invitations.send"
_SCOPE = "invitation"


class Inviting:
    """Needs `identity.user.create`; for roles besides that of every user also `identity.role.assign`, a
    recent sign-in, and every permission that the roles have, for good. A newer invitation of an address takes
    the place of the older ones. Nobody makes an invitation void whose roles they could not take away."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        tokens: InvitationTokens,
        code_book: CodeBook,
        locales: Locales,
        throttle: Throttle,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._tokens = tokens
        self._code_book = code_book
        self._locales = locales
        self._throttle = throttle
        self._idempotency = idempotency

    async def invite(
        self, command: InviteUser, caller: Caller, *, idempotency_key: str | None = None
    ) -> InvitationView:
        """Has a mail sent with a link that is good for seven days.

        Raises InvalidInput, EmailTaken, UnknownRole, BeyondOwnPermissions, StepUpRequired, TooManyRequests,
        IdempotencyMismatch.
        """
        caller.require(USERS_CREATE)
        now = self._clock.now()
        self.require_to_give(command.roles, caller, now=now)
        keyed = self._idempotency.keyed(
            key=idempotency_key, activity=_INVITE, caller=caller, command=command, answer_type=InvitationView
        )
        repeated = await keyed.first_answer(self._units.view, now=now)
        if repeated is not None:
            return repeated
        findings = InputFindings()
        email = findings.read(lambda: EmailAddress.parse(command.email), "email")
        locale = findings.read(lambda: self._locales.locale(command.locale, default=caller.locale), "locale")
        if email is None or locale is None:
            raise findings.refusal()
        await self.admit(email, caller)

        async def effect(unit: IdentityUnit) -> InvitationView:
            roles = await self.roles_to_give(unit, command.roles, email=email, now=now)
            if await unit.users.find_by_email(email.key) is not None:
                raise EmailTaken
            names = (command.first_name, command.last_name)
            invitation = await self.send(
                unit, email=email, names=names, locale=locale, roles=roles, user_id=None, now=now
            )
            return InvitationView.of(invitation, now=now)

        async def body(unit: IdentityUnit) -> InvitationView:
            invited = await keyed.once(unit, lambda: effect(unit), now=now)
            await unit.commit()
            return invited

        return await in_unit(lambda: self._units.open(caller), body)

    def check_invite(self, command: InviteUser, findings: InputFindings) -> None:
        """Adds what `invite` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: EmailAddress.parse(command.email), "email")
        findings.read(lambda: self._locales.locale(command.locale, default="en"), "locale")

    async def find(self, command: ListInvitations, caller: Caller) -> InvitationList:
        """A page of invitations, of which the audit log tells. Raises InvalidInput for a cursor that is
        none."""
        caller.require(USERS_CREATE)
        after = place_of(command.cursor) if command.cursor is not None else None
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> InvitationList:
            found = await unit.invitations.newest(limit=command.limit + 1, after=after)
            page = page_of(list(found), limit=command.limit, cursor_of=_cursor)
            unit.record(InvitationsRead(occurred_at=now, found=len(page.items)))
            await unit.commit()
            return InvitationList(
                items=[InvitationView.of(each, now=now) for each in page.items], next_cursor=page.next_cursor
            )

        return await in_unit(lambda: self._units.open(caller), body)

    async def send_again(self, invitation_id: UUID, caller: Caller) -> InvitationView:
        """Has another mail sent, whose link is good for seven days; that of the mail before is void. Raises
        NotFound, InvitationOver, TooManyInvitations, TooManyRequests, and BeyondOwnPermissions where the
        invitation has roles that the caller could not give."""
        now = self._clock.now()

        async def change(unit: IdentityUnit, invitation: Invitation) -> None:
            await self.roles_to_give(unit, sorted(invitation.roles), email=invitation.email, now=now)
            invitation.send_again(key_id=self._tokens.key_id, now=now)

        caller.require(USERS_CREATE)
        async with self._units.view(caller) as view:
            known = await view.invitations.find(invitation_id)
        if known is None:
            raise NotFound
        self.require_to_give(sorted(known.roles), caller, now=now)
        await self.admit(known.email, caller)
        return await self._change(invitation_id, caller, change)

    async def revoke(self, invitation_id: UUID, caller: Caller) -> InvitationView:
        """Makes the link void. Raises NotFound, InvitationOver; Forbidden or BeyondOwnPermissions where the
        invitation has roles that the caller could not take away."""
        now = self._clock.now()

        async def change(unit: IdentityUnit, invitation: Invitation) -> None:
            present = await self._present(unit, now)
            await _require_to_take(unit, present, invitation.roles)
            invitation.revoke(now=now)

        caller.require(USERS_CREATE)
        return await self._change(invitation_id, caller, change)

    def require_to_give(self, roles: Sequence[str], caller: Caller, *, now: datetime) -> None:
        """Raises Forbidden or StepUpRequired where roles are to be given that not everybody has."""
        if _beyond_everybodys(roles):
            caller.require(ROLES_ASSIGN)
            caller.require_recent(now)

    async def admit(self, email: EmailAddress, caller: Caller) -> None:
        """Counts a mail to the address. Raises TooManyRequests."""
        await self._throttle.admit(_SCOPE, caller, subject=self._code_book.subject_key(email.key))

    async def roles_to_give(
        self, unit: IdentityUnit, roles: Sequence[str], *, email: EmailAddress, now: datetime
    ) -> frozenset[str]:
        """A step: those of the roles that not everybody has, once it is clear that the caller may give them,
        and may make void what else is open for the address. To be called before the unit writes anything.
        Raises Forbidden, UnknownRole, BeyondOwnPermissions."""
        present = await self._present(unit, now)
        for older in await unit.invitations.open_of(email.key, now=now):
            await _require_to_take(unit, present, older.roles)
        wanted = _beyond_everybodys(roles)
        if wanted:
            present.require(ROLES_ASSIGN)
        for key in sorted(wanted):
            role = await unit.roles.find_by_key(key)
            if role is None:
                raise UnknownRole
            require_reach(present, role, PLATFORM)
            await require_lasting_reach(unit, present, role, PLATFORM, until=None, now=now)
        return wanted

    async def send(
        self,
        unit: IdentityUnit,
        *,
        email: EmailAddress,
        names: tuple[str, str],
        locale: str,
        roles: frozenset[str],
        user_id: UUID | None,
        now: datetime,
    ) -> Invitation:
        """A step: keeps an invitation in the place of older ones of the address. Its mail follows."""
        invitation = Invitation.send(
            id=self._ids.next(),
            email=email,
            first_name=names[0],
            last_name=names[1],
            locale=locale,
            roles=roles,
            invited_by=unit.caller.principal.user_id,
            user_id=user_id,
            key_id=self._tokens.key_id,
            now=now,
        )
        await unit.invitations.supersede(email.key, now=now, besides=invitation.id)
        await unit.invitations.add(invitation)
        return invitation

    @staticmethod
    async def _present(unit: IdentityUnit, now: datetime) -> Caller:
        """The caller as of now, while nobody else changes who may do what."""
        present = await in_turn(unit, unit.caller, now=now)
        present.require(USERS_CREATE)
        return present

    async def _change(
        self,
        invitation_id: UUID,
        caller: Caller,
        change: Callable[[IdentityUnit, Invitation], Awaitable[None]],
    ) -> InvitationView:
        async def body(unit: IdentityUnit) -> InvitationView:
            invitation = await unit.invitations.find(invitation_id)
            if invitation is None:
                raise NotFound
            await change(unit, invitation)
            await unit.invitations.save(invitation)
            await unit.commit()
            return InvitationView.of(invitation, now=self._clock.now())

        return await in_unit(lambda: self._units.open(caller), body)


async def _require_to_take(unit: IdentityUnit, caller: Caller, roles: frozenset[str]) -> None:
    """Whether the caller may keep somebody from getting the roles. Raises Forbidden, BeyondOwnPermissions."""
    taken = _beyond_everybodys(sorted(roles))
    if taken:
        caller.require(ROLES_ASSIGN)
    for key in sorted(taken):
        role = await unit.roles.find_by_key(key)
        if role is not None:
            require_reach(caller, role, PLATFORM)


def _beyond_everybodys(roles: Sequence[str]) -> frozenset[str]:
    return frozenset(roles) - {BuiltInRole.STANDARD_USER.value}


def _cursor(invitation: Invitation) -> str:
    return encode_cursor(invitation.created_at.isoformat(), str(invitation.id))
