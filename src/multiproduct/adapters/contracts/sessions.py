"""What every store of sessions must do: refresh, logout and revocation wait for one another."""

import asyncio
from dataclasses import replace
from datetime import datetime

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_role,
    a_session,
    a_user,
    a_uuid,
    an_assignment,
    an_unusual_session,
    an_unusual_user,
)
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
    race,
)
from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.application.caller import ANYBODY
from multiproduct.application.identity.ports import SessionStanding
from multiproduct.application.identity.role_ports import Grant
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    PLATFORM,
    EndReason,
    Session,
    SessionPolicy,
    User,
    UserStatus,
)


async def _a_kept_user(units: Units[StoreUnit]) -> User:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def _keep(units: Units[StoreUnit], *sessions: Session) -> None:
    async with units.open(ANYBODY) as unit:
        for session in sessions:
            await unit.sessions.add(session)
        await unit.commit()


async def _change_status(units: Units[StoreUnit], user: User, status: UserStatus) -> None:
    user.status = status
    await in_one_unit(units, lambda unit: unit.users.save(user))


async def _held(units: Units[StoreUnit], session: Session) -> Session | None:
    return await in_one_unit(units, lambda unit: unit.sessions.hold(session.id))


async def _standing(units: Units[StoreUnit], session: Session, now: datetime) -> SessionStanding | None:
    return await in_view(units, lambda unit: unit.sessions.standing(session.id, now=now))


async def _is_live(units: Units[StoreUnit], session: Session, now: datetime = NOW) -> bool:
    standing = await _standing(units, session, now)
    assert standing is not None
    return standing.is_live


async def _ended_events(units: Units[StoreUnit]) -> list[str]:
    wanted = AuditFilter(event="identity.session_ended")
    entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=200))
    return sorted(entry.resource_id for entry in entries)


class SessionsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.

    Sessions are held, not versioned: `save` leaves `version` as it is.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        bare = replace(a_session(user_id=user.id), ip=None, user_agent=None)
        for session in (bare, an_unusual_session(user_id=user.id)):
            await _keep(units, session)
            assert await _held(units, session) == session

    async def test_every_field_that_can_change_is_saved(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)
        unusual = an_unusual_session(user_id=user.id)
        changed = replace(
            unusual,
            id=session.id,
            key_id=session.key_id,
            methods=session.methods,
            created_at=session.created_at,
            ip=session.ip,
            user_agent=session.user_agent,
            absolute_expires_at=session.absolute_expires_at,
        )
        async with units.open(ANYBODY) as unit:
            await unit.sessions.hold(session.id)
            await unit.sessions.save(changed)
            await unit.commit()
        assert await _held(units, session) == changed
        assert changed.version == 0

    async def test_an_unknown_session_is_none(self, units: Units[StoreUnit]) -> None:
        async with units.open(ANYBODY) as unit:
            assert await unit.sessions.hold(a_uuid()) is None
            assert await unit.sessions.standing(a_uuid(), now=NOW) is None

    async def test_the_events_of_a_session_are_logged(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)
        async with units.open(ANYBODY) as unit:
            held = await unit.sessions.hold(session.id)
            assert held is not None
            held.refresh(0, policy=SessionPolicy(), now=NOW + MINUTE)
            await unit.sessions.save(held)
            await unit.commit()
        entries = await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=10))
        assert [(entry.event, entry.user_id) for entry in entries] == [
            ("identity.session_refreshed", str(user.id)),
            ("identity.signed_in", str(user.id)),
        ]

    async def test_rivals_wait_for_whoever_holds_a_session(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                held = await unit.sessions.hold(session.id)
                assert held is not None
                rival = asyncio.create_task(_held(units, session))
                assert await has_to_wait(rival)
                held.end(EndReason.SIGNED_OUT, now=NOW)
                await unit.sessions.save(held)
                await unit.commit()
            seen = await rival
        assert seen is not None
        assert seen.end_reason is EndReason.SIGNED_OUT

    async def test_of_many_rivals_none_loses_a_rotation(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)

        async def rotate(unit: StoreUnit) -> int:
            held = await unit.sessions.hold(session.id)
            assert held is not None
            await asyncio.sleep(0)
            held.refresh(held.counter, policy=SessionPolicy(), now=NOW)
            await unit.sessions.save(held)
            await unit.commit()
            return held.counter

        assert sorted(await race(units, 30, rotate)) == list(range(1, 31))

    async def test_a_standing_tells_of_the_session_and_its_user(self, units: Units[StoreUnit]) -> None:
        user = replace(an_unusual_user(), status=UserStatus.ACTIVE)
        session = replace(
            a_session(user_id=user.id), methods=("pwd", "otp"), authenticated_at=NOW - HOUR, last_seen_at=NOW
        )
        await in_one_unit(units, lambda unit: unit.users.add(user))
        await _keep(units, session)
        assert await _standing(units, session, NOW) == SessionStanding(
            session_id=session.id,
            user_id=user.id,
            is_live=True,
            methods=("pwd", "otp"),
            authenticated_at=NOW - HOUR,
            grants=frozenset(
                Grant(role=role.key, scope=PLATFORM, permissions=role.permissions)
                for role in beginning_roles()
                if role.key in user.roles
            ),
            locale=user.locale,
        )

    async def test_a_standing_tells_what_each_assignment_that_has_not_expired_permits_where(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await _a_kept_user(units)
        session, market = a_session(user_id=user.id), f"market:{a_uuid()}"
        await _keep(units, session)
        role, powerless = a_role(permissions={"identity.user.read", "a.b.c"}), a_role(permissions=())
        async with units.open(ANYBODY) as unit:
            for added in (role, powerless):
                await unit.roles.add(added)
            await unit.role_assignments.put(an_assignment(user, role, expires_at=NOW + HOUR))
            await unit.role_assignments.put(an_assignment(user, role, scope=market))
            await unit.role_assignments.put(an_assignment(user, powerless, scope=market))
            await unit.commit()
        before = await _standing(units, session, NOW + HOUR - MINUTE)
        assert before is not None
        assert before.roles == {"standard_user", role.key}
        assert before.permissions[market] == {"identity.user.read", "a.b.c"}
        assert before.permissions[PLATFORM] >= {"identity.profile.read", "a.b.c"}
        after = await _standing(units, session, NOW + HOUR)
        assert after is not None
        assert after.roles == {"standard_user"}
        assert after.permissions[market] == {"identity.user.read", "a.b.c"}
        assert "a.b.c" not in after.permissions[PLATFORM]

    async def test_what_a_role_permits_from_now_on_is_in_the_next_standing(
        self, units: Units[StoreUnit]
    ) -> None:
        user, role = await _a_kept_user(units), a_role(permissions={"a.b.c"})
        session = a_session(user_id=user.id)
        await _keep(units, session)
        await in_one_unit(units, lambda unit: unit.roles.add(role))
        await in_one_unit(units, lambda unit: unit.role_assignments.put(an_assignment(user, role)))
        role.change(permissions=frozenset({"d.e.f"}), now=NOW)
        await in_one_unit(units, lambda unit: unit.roles.save(role))
        standing = await _standing(units, session, NOW)
        assert standing is not None
        assert "d.e.f" in standing.permissions[PLATFORM]
        assert "a.b.c" not in standing.permissions[PLATFORM]

    async def test_a_session_is_live_until_it_ends_or_expires(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        idle, absolute, ended = (a_session(user_id=user.id) for _ in range(3))
        idle.idle_expires_at = NOW + HOUR
        absolute.absolute_expires_at = NOW + HOUR
        ended.end(EndReason.REVOKED, now=NOW)
        await _keep(units, idle, absolute, ended)
        for session in (idle, absolute):
            assert await _is_live(units, session, NOW + HOUR - MINUTE)
            assert not await _is_live(units, session, NOW + HOUR)
        assert not await _is_live(units, ended)

    async def test_no_session_of_a_user_who_may_not_sign_in_is_live(self, units: Units[StoreUnit]) -> None:
        for status in (UserStatus.SUSPENDED, UserStatus.DELETED):
            user = await _a_kept_user(units)
            session = a_session(user_id=user.id)
            await _keep(units, session)
            assert await _is_live(units, session)
            await _change_status(units, user, status)
            assert not await _is_live(units, session)

    async def test_all_live_sessions_of_a_user_end_at_once_with_an_event_each(
        self, units: Units[StoreUnit]
    ) -> None:
        user, other = await _a_kept_user(units), await _a_kept_user(units)
        mine = [a_session(user_id=user.id) for _ in range(4)]
        spared, over, expired, elses = (
            a_session(user_id=user.id),
            a_session(user_id=user.id),
            a_session(user_id=user.id, now=NOW - 40 * DAY),
            a_session(user_id=other.id),
        )
        over.ended_at, over.end_reason = NOW - HOUR, EndReason.SIGNED_OUT
        await _keep(units, *mine, spared, over, expired, elses)
        ended = await in_one_unit(
            units,
            lambda unit: unit.sessions.end_all(
                user.id, reason=EndReason.PASSWORD_CHANGED, now=NOW, besides=spared.id
            ),
        )
        assert sorted(ended) == sorted(session.id for session in mine)
        assert await _ended_events(units) == sorted(str(session.id) for session in mine)
        for session in mine:
            held = await _held(units, session)
            assert held is not None
            assert (held.ended_at, held.end_reason) == (NOW, EndReason.PASSWORD_CHANGED)
        assert await _is_live(units, spared)
        assert await _is_live(units, elses)
        assert await _held(units, over) == over
        assert await _held(units, expired) == expired

    async def test_ending_all_spares_none_unless_told_and_undoes_with_its_unit(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)
        async with units.open(ANYBODY) as unit:
            assert list(await unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=NOW)) == [
                session.id
            ]
        assert await _is_live(units, session)
        assert await _ended_events(units) == []
        await in_one_unit(
            units, lambda unit: unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=NOW)
        )
        assert not await _is_live(units, session)
        assert await _ended_events(units) == [str(session.id)]

    async def test_ending_all_waits_for_a_session_that_is_held(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        session = a_session(user_id=user.id)
        await _keep(units, session)

        async def end_all() -> int:
            return len(
                await in_one_unit(
                    units, lambda unit: unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=NOW)
                )
            )

        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                held = await unit.sessions.hold(session.id)
                assert held is not None
                revoking = asyncio.create_task(end_all())
                assert await has_to_wait(revoking)
                held.refresh(0, policy=SessionPolicy(), now=NOW)
                await unit.sessions.save(held)
                await unit.commit()
            assert await revoking == 1
        after = await _held(units, session)
        assert after is not None
        assert (after.counter, after.end_reason) == (1, EndReason.REVOKED)

    async def test_purging_removes_what_ended_or_expired_before_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await _a_kept_user(units)
        ended, idle, absolute = (
            [a_session(user_id=user.id, now=NOW - DAY) for _ in range(count)] for count in (2, 2, 1)
        )
        for session in ended:
            session.end(EndReason.SIGNED_OUT, now=NOW - HOUR)
        for session in idle:
            session.idle_expires_at = NOW - HOUR
        absolute[0].absolute_expires_at = NOW - HOUR
        live, just_ended = a_session(user_id=user.id), a_session(user_id=user.id)
        just_ended.end(EndReason.SIGNED_OUT, now=NOW)
        await _keep(units, *ended, *idle, *absolute, live, just_ended)
        removed = [
            await in_one_unit(units, lambda unit: unit.sessions.purge(before=NOW - MINUTE, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        assert await _held(units, absolute[0]) is None
        assert await _held(units, live) == live
        assert await _held(units, just_ended) == just_ended

    async def test_the_live_sessions_of_a_user_come_those_seen_last_first(
        self, units: Units[StoreUnit]
    ) -> None:
        user, other = await _a_kept_user(units), await _a_kept_user(units)
        first, second, third = (
            replace(a_session(user_id=user.id), last_seen_at=NOW + minutes * MINUTE) for minutes in (1, 3, 2)
        )
        ended = a_session(user_id=user.id)
        ended.end(EndReason.REVOKED, now=NOW)
        expired = a_session(user_id=user.id, now=NOW - 40 * DAY)
        await _keep(units, first, second, third, ended, expired, a_session(user_id=other.id))
        found = await in_view(units, lambda unit: unit.sessions.of_user(user.id, now=NOW, limit=9))
        assert [session.id for session in found] == [second.id, third.id, first.id]
        few = await in_view(units, lambda unit: unit.sessions.of_user(user.id, now=NOW, limit=2))
        assert [session.id for session in few] == [second.id, third.id]

    async def test_where_a_user_was_before_is_told_once_each_over_or_not(
        self, units: Units[StoreUnit]
    ) -> None:
        user, other = await _a_kept_user(units), await _a_kept_user(units)

        def at(ip: str | None, agent: str | None, *, days: int = 0) -> Session:
            begun = a_session(user_id=user.id, now=NOW - days * DAY)
            return replace(begun, ip=ip, user_agent=agent)

        ended = at("192.0.2.2", "b")
        ended.end(EndReason.REVOKED, now=NOW)
        mine = at("192.0.2.9", "z")
        unknown = at(None, None)
        await _keep(units, at("192.0.2.1", "a"), at("192.0.2.1", "a"), ended, mine, unknown)
        await _keep(units, at("192.0.2.3", "c", days=91), a_session(user_id=other.id))
        found = await in_view(
            units,
            lambda unit: unit.sessions.used_before(user.id, since=NOW - 90 * DAY, besides=mine.id, limit=9),
        )
        assert len(found) == 3
        assert set(found) == {("a", "192.0.2.1"), ("b", "192.0.2.2"), (None, None)}
        few = await in_view(
            units,
            lambda unit: unit.sessions.used_before(user.id, since=NOW - 90 * DAY, besides=mine.id, limit=1),
        )
        assert len(few) == 1
