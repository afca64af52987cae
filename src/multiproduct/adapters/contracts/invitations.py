"""What every store must do with invitations: each is accepted once."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    NOW,
    UNUSUAL_TEXT,
    a_user_id,
    a_uuid,
    an_email,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import EmailAddress, Invitation
from multiproduct.domain.shared import StaleAggregate


def an_invitation(
    *, email: EmailAddress | None = None, user_id: UUID | None = None, roles: frozenset[str] = frozenset()
) -> Invitation:
    """An open invitation to an address of its own, unless one is given."""
    return Invitation.send(
        id=a_uuid(),
        email=email or an_email(),
        first_name="Ada",
        last_name=UNUSUAL_TEXT,
        locale="zh-Hant",
        roles=roles,
        invited_by=a_user_id(),
        user_id=user_id,
        key_id="0a1b2c3d",
        now=NOW,
    )


async def keep_invitations(units: Units[StoreUnit], *invitations: Invitation) -> None:
    async def body(unit: StoreUnit) -> None:
        for invitation in invitations:
            await unit.invitations.add(invitation)

    await in_one_unit(units, body)


async def _invitation(units: Units[StoreUnit], id: UUID) -> Invitation | None:
    return await in_view(units, lambda unit: unit.invitations.find(id))


async def _accepts(units: Units[StoreUnit], invitation: Invitation) -> bool:
    return await in_one_unit(units, lambda unit: unit.invitations.accept(invitation, now=NOW))


class InvitationsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for invitation in (an_invitation(), an_invitation(user_id=a_user_id(), roles=frozenset({"admin"}))):
            await keep_invitations(units, invitation)
            invitation.collect_events()
            found = await _invitation(units, invitation.id)
            assert found == invitation
        assert await in_view(units, lambda unit: unit.invitations.find(a_uuid())) is None

    async def test_a_changed_one_is_saved_and_a_stale_one_refused(self, units: Units[StoreUnit]) -> None:
        invitation = an_invitation()
        await in_one_unit(units, lambda unit: unit.invitations.add(invitation))
        stale = replace(invitation)
        invitation.send_again(key_id="99999999", now=NOW + DAY)
        await in_one_unit(units, lambda unit: unit.invitations.save(invitation))
        found = await in_view(units, lambda unit: unit.invitations.find(invitation.id))
        assert found == invitation
        assert found is not None
        assert (found.generation, found.version, found.expires_at) == (2, 1, NOW + 8 * DAY)
        stale.revoke(now=NOW)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.invitations.save(stale))

    async def test_of_many_who_accept_one_does(self, units: Units[StoreUnit]) -> None:
        invitation = an_invitation()
        await in_one_unit(units, lambda unit: unit.invitations.add(invitation))

        async def accept(unit: StoreUnit) -> bool:
            mine = await unit.invitations.find(invitation.id)
            assert mine is not None
            mine.accepted(a_user_id(), now=NOW)
            accepted = await unit.invitations.accept(mine, now=NOW)
            await unit.commit()
            return accepted

        assert sorted(await race(units, 20, accept)) == [False] * 19 + [True]
        found = await in_view(units, lambda unit: unit.invitations.find(invitation.id))
        assert found is not None
        assert found.accepted_at == NOW
        assert found.user_id is not None

    async def test_one_that_is_not_open_or_of_an_older_mail_is_not_accepted(
        self, units: Units[StoreUnit]
    ) -> None:
        revoked, expired, older = an_invitation(), an_invitation(), an_invitation()
        revoked.revoke(now=NOW)
        expired.expires_at = NOW
        for each in (revoked, expired, older):
            await keep_invitations(units, each)
        first_mail = replace(older)
        older.send_again(key_id=older.key_id, now=NOW)
        await in_one_unit(units, lambda unit: unit.invitations.save(older))
        for each in (revoked, expired, first_mail, an_invitation()):
            each.user_id = a_user_id()
            assert not await _accepts(units, each)

    async def test_older_ones_of_the_address_are_superseded_and_no_others(
        self, units: Units[StoreUnit]
    ) -> None:
        email = an_email()
        older, newer, others = an_invitation(email=email), an_invitation(email=email), an_invitation()
        accepted = an_invitation(email=email)
        accepted.accepted(a_user_id(), now=NOW)
        for each in (older, newer, others, accepted):
            await keep_invitations(units, each)
        count = await in_one_unit(
            units, lambda unit: unit.invitations.supersede(email.key, now=NOW, besides=newer.id)
        )
        assert count == 1
        states = {}
        for each in (older, newer, others, accepted):
            found = await _invitation(units, each.id)
            assert found is not None
            states[each.id] = found.state(now=NOW).value
        assert list(states.values()) == ["revoked", "open", "open", "accepted"]

    async def test_those_of_an_address_are_found_while_they_are_open(self, units: Units[StoreUnit]) -> None:
        email = an_email()
        opened, accepted, revoked = (an_invitation(email=email) for _ in range(3))
        accepted.accepted(a_user_id(), now=NOW)
        revoked.revoke(now=NOW)
        await keep_invitations(units, opened, accepted, revoked, an_invitation())

        async def found(now: datetime) -> list[UUID]:
            kept = await in_view(units, lambda unit: unit.invitations.open_of(email.key, now=now))
            return [each.id for each in kept]

        assert await found(NOW) == [opened.id]
        assert await found(opened.expires_at) == []

    async def test_pages_follow_one_another(self, units: Units[StoreUnit]) -> None:
        kept = [replace(an_invitation(), created_at=NOW + (number // 2) * HOUR) for number in range(5)]
        for each in kept:
            await keep_invitations(units, each)
        first = await in_view(units, lambda unit: unit.invitations.newest(limit=3))
        place = (first[-1].created_at, first[-1].id)
        rest = await in_view(units, lambda unit: unit.invitations.newest(limit=3, after=place))
        expected = sorted(kept, key=lambda row: (row.created_at, row.id), reverse=True)
        assert [row.id for row in (*first, *rest)] == [row.id for row in expected]

    async def test_what_expired_is_purged(self, units: Units[StoreUnit]) -> None:
        old, young = an_invitation(), replace(an_invitation(), expires_at=NOW + 30 * DAY)
        for each in (old, young):
            await keep_invitations(units, each)
        before = NOW + 8 * DAY
        assert await in_one_unit(units, lambda unit: unit.invitations.purge(before=before, limit=9)) == 1
        assert [row.id for row in await in_view(units, lambda unit: unit.invitations.newest(limit=9))] == [
            young.id
        ]
