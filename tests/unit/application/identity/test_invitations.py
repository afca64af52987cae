"""Invitations: sent by staff, accepted once by whoever holds the mailbox."""

import asyncio
import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, open_house, signed_in
from tests.unit.application.identity.role_holders import a_holder, a_holder_of

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import (
    AcceptInvitation,
    CreateUser,
    InviteUser,
    ListInvitations,
    RevokeRole,
    SignInWithPassword,
)
from multiproduct.application.otp import LinkStanding
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    EmailTaken,
    InvalidCredentials,
    InvitationInvalid,
    InvitationOver,
    TooManyInvitations,
    UsernameTaken,
)
from multiproduct.domain.identity.roles import USERS_CREATE
from multiproduct.domain.shared import Forbidden, InvalidInput, NotFound, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
async def boss(house):
    return await (await a_holder(house.container, "admin")).caller()


async def invited(house, caller, email=TONY, **more) -> str:
    """Invites, and answers the token in the mail."""
    await house.identity.invitations.invite(InviteUser(email=email, **more), caller)
    return await token_for(house, email)


async def token_for(house, email) -> str:
    link = re.search(r"/invitation/([A-Za-z0-9_-]+)", await latest_mail(house, email))
    assert link
    return link[1]


async def accept(house, token, **more):
    done = await house.identity.invitation_accepting.accept(
        AcceptInvitation(**({"token": token, "password": PASSWORD} | more))
    )
    return done.user


async def test_whoever_accepts_is_a_user_with_a_proved_address_and_their_own_password(house, boss):
    token = await invited(house, boss, first_name="Tony", last_name="Stark", roles=["market_owner"])
    user = await accept(house, token, username="iron.man")
    assert (user.email, user.is_email_verified, user.username) == (TONY, True, "iron.man")
    assert (user.first_name, user.last_name, user.roles) == (
        "Tony",
        "Stark",
        ["market_owner", "standard_user"],
    )
    assert (await signed_in(house, TONY)).user.id == user.id
    (invitation,) = (await house.identity.invitations.find(ListInvitations(), boss)).items
    assert (invitation.state, invitation.user_id) == ("accepted", user.id)


async def test_an_account_that_staff_made_gets_its_first_password(house, boss):
    made = await house.identity.users.create(CreateUser(email=TONY), boss)
    user = await accept(house, await token_for(house, TONY), username="iron.man", first_name="Tony")
    assert (user.id, user.username, user.first_name) == (made.id, "iron.man", "Tony")
    assert user.is_email_verified
    await signed_in(house, TONY)


async def test_whoever_accepts_for_an_unproved_account_finds_no_password_that_was_left_there(house, boss):
    made = await house.identity.users.create(CreateUser(email=TONY), boss)
    left = await house.identity.sign_in._hasher.hash("left by somebody else")
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(made.id)
        user.password_hash = left
        await unit.users.save(user)
        await unit.commit()
    command = SignInWithPassword(email=TONY, password="left by somebody else")
    stranger = await house.identity.sign_in.with_password(command)
    assert (await accept(house, await token_for(house, TONY))).is_email_verified
    await signed_in(house, TONY)
    with pytest.raises(InvalidCredentials):
        await house.identity.sign_in.with_password(command)
    with pytest.raises(Unauthenticated):
        await house.identity.authenticating.principal(stranger.access)


async def test_looking_at_a_link_changes_nothing_and_it_is_good_once(house, boss, clock):
    standing = house.identity.invitation_accepting.standing
    token = await invited(house, boss)
    for _ in range(3):
        assert await standing(token) is LinkStanding.GOOD
    await accept(house, token)
    assert await standing(token) is LinkStanding.USED
    with pytest.raises(InvitationInvalid):
        await accept(house, token)
    other = await invited(house, boss, PEPPER)
    clock.pass_by(timedelta(days=7))
    assert await standing(other) is LinkStanding.EXPIRED
    with pytest.raises(InvitationInvalid):
        await accept(house, other)


async def test_a_link_that_was_tampered_with_is_none(house, boss):
    token = await invited(house, boss)
    for place in range(len(token)):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        if place == len(token) - 1:
            continue  # its last bits are not of the token
        assert await house.identity.invitation_accepting.standing(forged) is LinkStanding.UNKNOWN
        with pytest.raises(InvitationInvalid):
            await accept(house, forged)
    for forged in ("", "x", "é", "=" * 51):
        assert await house.identity.invitation_accepting.standing(forged) is LinkStanding.UNKNOWN


async def test_a_newer_mail_or_invitation_voids_the_older_link(house, boss):
    first = await invited(house, boss)
    (kept,) = (await house.identity.invitations.find(ListInvitations(), boss)).items
    assert (await house.identity.invitations.send_again(kept.id, boss)).mails == 2
    second = await token_for(house, TONY)
    third = await invited(house, boss)
    for token in (first, second):
        with pytest.raises(InvitationInvalid):
            await accept(house, token)
    await accept(house, third)


async def test_an_invitation_is_mailed_ten_times_at_most(house, boss):
    await invited(house, boss)
    (kept,) = (await house.identity.invitations.find(ListInvitations(), boss)).items
    for _ in range(9):
        await house.identity.invitations.send_again(kept.id, SYSTEM)
    with pytest.raises(TooManyInvitations):
        await house.identity.invitations.send_again(kept.id, SYSTEM)


async def test_a_revoked_invitation_lets_nobody_in(house, boss):
    token = await invited(house, boss)
    (kept,) = (await house.identity.invitations.find(ListInvitations(), boss)).items
    assert (await house.identity.invitations.revoke(kept.id, boss)).state == "revoked"
    with pytest.raises(InvitationInvalid):
        await accept(house, token)
    with pytest.raises(InvitationOver):
        await house.identity.invitations.send_again(kept.id, boss)
    with pytest.raises(NotFound):
        await house.identity.invitations.revoke(a_uuid(), boss)


async def test_a_password_or_name_that_will_not_do_can_be_tried_again(house, boss):
    await a_member(house, PEPPER, "rescue")
    token = await invited(house, boss, first_name="Anthony")
    for password in ("short", "anthony1", "tony@stark.com"):
        with pytest.raises(InvalidInput) as refusal:
            await accept(house, token, password=password)
        assert refusal.value.problems[0].field == "password"
    with pytest.raises(UsernameTaken) as taken:
        await accept(house, token, username="Rescue")
    assert len(taken.value.suggestions) >= 4
    assert (await accept(house, token, username=taken.value.suggestions[0])).email == TONY


async def test_an_address_with_an_owner_is_not_invited(house, boss):
    token = await invited(house, boss)
    await a_member(house, TONY)
    with pytest.raises(EmailTaken):
        await accept(house, token)
    with pytest.raises(EmailTaken):
        await house.identity.invitations.invite(InviteUser(email=TONY), boss)


async def test_inviting_takes_the_permission_and_roles_take_more(house):
    await a_member(house, PEPPER)
    tokens = await signed_in(house, PEPPER)
    del tokens
    agent = await (await a_holder_of(house.container, USERS_CREATE)).caller()
    await accept(house, await invited(house, agent))
    for roles in (["admin"], ["service_provider"]):
        with pytest.raises(Forbidden):
            await house.identity.invitations.invite(InviteUser(email="x@stark.com", roles=roles), agent)
    nobody = await (await a_holder_of(house.container)).caller()
    for refused in (
        house.identity.invitations.invite(InviteUser(email="x@stark.com"), nobody),
        house.identity.invitations.find(ListInvitations(), nobody),
        house.identity.invitations.revoke(a_uuid(), nobody),
        house.identity.invitations.send_again(a_uuid(), nobody),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_an_agent_does_not_mail_an_administrators_invitation_again_for_its_roles(house, boss):
    await invited(house, boss, roles=["admin"])
    (kept,) = (await house.identity.invitations.find(ListInvitations(), boss)).items
    agent = await (await a_holder_of(house.container, USERS_CREATE, "identity.role.assign")).caller()
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.invitations.send_again(kept.id, agent)


async def test_who_left_the_staff_has_no_roles_to_give_any_more(house, boss):
    former = await a_holder(house.container, "admin")
    token = await invited(house, await former.caller(), roles=["admin"])
    await house.identity.role_assignments.revoke(former.user.id, RevokeRole(role="admin"), boss)
    assert (await accept(house, token)).roles == ["standard_user"]


async def test_of_many_who_accept_one_is_made(house, boss):
    token = await invited(house, boss)
    outcomes = await asyncio.gather(*(accept(house, token) for _ in range(20)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(InvitationInvalid) == 19
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.invitation_accepted")) == 1


async def test_no_event_or_log_has_the_address_or_the_link(house, boss):
    token = await invited(house, boss)
    async with house.container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(), limit=100)
    assert token not in str(entries)
    assert TONY not in str(entries)
