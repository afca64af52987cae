"""What every store's units of work must do: all or nothing, events, todos and audit rows included."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.adapters.contracts.builders import NOW, a_caller, a_challenge, a_guess_budget, a_user
from multiproduct.adapters.contracts.reacting import (
    FIRST,
    SECOND,
    THIRD,
    Followed,
    Led,
    Noted,
    Passed,
    Thwarted,
    Thwarting,
)
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
)
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter
from multiproduct.application.ports.todos import LoggedEvent, Todo, TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import User, UsernameTaken


async def _due(todo_queue: TodoQueue) -> list[Todo]:
    # A store may date new todos by a clock that runs slightly ahead of this one.
    now = datetime.now(UTC) + timedelta(seconds=5)
    return list(await todo_queue.lease(now=now, until=now + timedelta(minutes=1), limit=200))


async def _logged(todo_queue: TodoQueue, todos: list[Todo]) -> list[LoggedEvent]:
    events = [
        await todo_queue.event(position) for position in dict.fromkeys(todo.key.position for todo in todos)
    ]
    return [event for event in events if event is not None]


async def _audited(units: Units[StoreUnit]) -> list[AuditEntry]:
    async def read(unit: StoreUnit) -> list[AuditEntry]:
        return list(await unit.audit_trail.find(AuditFilter(), limit=200))

    return await in_view(units, read)


def _noted(note: str) -> Noted:
    return Noted(occurred_at=NOW, note=note)


class UnitOfWorkContract:
    """Needs, over one store that is empty when the test begins:

    - `units`: `Units[StoreUnit]`, opened with `reacting.contract_surroundings()`;
    - `todo_queue`: the `TodoQueue` of the same store.
    """

    async def test_what_was_committed_is_there_for_the_next_unit(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await in_one_unit(units, lambda unit: unit.users.add(user))
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is not None
        async with units.open_alone(ANYBODY) as unit:
            assert await unit.users.find(user.id) is not None

    async def test_a_unit_sees_what_it_wrote_itself_before_it_commits(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        async with units.open(ANYBODY) as unit:
            await unit.users.add(user)
            assert await unit.users.find(user.id) is not None
            assert await unit.users.find_by_username(user.username.key) is not None
            assert await unit.users.usernames_taken([user.username.key]) == {user.username.key}

    async def test_leaving_without_commit_undoes_everything(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        user, challenge, budget = a_user(), a_challenge(), a_guess_budget()
        async with units.open(ANYBODY) as unit:
            await unit.users.add(user)
            await unit.challenges.add(challenge)
            held = await unit.guess_budgets.hold(budget.key)
            held.voids = 3
            await unit.guess_budgets.save(held)
            unit.record(_noted("never"))
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is None
            assert await unit.users.find_by_username(user.username.key) is None
            assert await unit.challenges.find(challenge.id) is None
            assert (await unit.guess_budgets.hold(budget.key)).voids == 0
        assert await _due(todo_queue) == []
        assert await _audited(units) == []

    async def test_changes_are_undone_as_well_as_additions(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await in_one_unit(units, lambda unit: unit.users.add(user))
        async with units.open(ANYBODY) as unit:
            loaded = await unit.users.find(user.id)
            assert loaded is not None
            loaded.username = a_user().username
            await unit.users.save(loaded)
        async with units.open(ANYBODY) as unit:
            kept = await unit.users.find_by_username(user.username.key)
            assert kept is not None
            assert kept.version == 0
            assert await unit.users.find_by_username(loaded.username.key) is None

    async def test_an_exception_passes_through_and_undoes_everything(self, units: Units[StoreUnit]) -> None:
        user = a_user()

        async def fail() -> None:
            async with units.open(ANYBODY) as unit:
                await unit.users.add(user)
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is None

    async def test_a_second_commit_is_refused(self, units: Units[StoreUnit]) -> None:
        async with units.open(ANYBODY) as unit:
            await unit.commit()
            with pytest.raises(RuntimeError):
                await unit.commit()

    async def test_nothing_that_is_changed_without_being_saved_is_kept(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await in_one_unit(units, lambda unit: unit.users.add(user))
        user.first_name = "changed after it was added"
        async with units.open(ANYBODY) as unit:
            loaded = await unit.users.find(user.id)
            assert loaded is not None
            assert loaded.first_name == "Ada"
            loaded.first_name = "changed and not saved"
            again = await unit.users.find(user.id)
            assert again is not None
            assert again.first_name == "Ada"
            await unit.commit()
        async with units.open(ANYBODY) as unit:
            kept = await unit.users.find(user.id)
            assert kept is not None
            assert kept.first_name == "Ada"

    async def test_events_are_logged_in_order_with_a_todo_for_each_deferred_reaction(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        caller = a_caller()
        async with units.open(caller) as unit:
            unit.record(_noted("one"))
            unit.record(Passed(occurred_at=NOW, note="nobody reacts"))
            unit.record(_noted("two"))
            await unit.commit()
        todos = await _due(todo_queue)
        positions = list(dict.fromkeys(todo.key.position for todo in todos))
        assert positions == sorted(positions)
        assert {(todo.key.position, todo.key.reaction) for todo in todos} == {
            (position, reaction) for position in positions for reaction in (FIRST, SECOND)
        }
        assert len(todos) == 4
        events = await _logged(todo_queue, todos)
        assert [event.fields["note"] for event in events] == ["one", "two"]
        assert {event.name for event in events} == {"contract.noted"}
        assert {event.occurred_at for event in events} == {NOW}
        assert {event.request_id for event in events} == {"request-7"}
        assert [event.position for event in events] == positions

    async def test_events_of_aggregates_that_were_added_are_logged(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge()
        await in_one_unit(units, lambda unit: unit.challenges.add(challenge))
        assert [(entry.event, entry.resource_id) for entry in await _audited(units)] == [
            ("otp.challenge_issued", str(challenge.id))
        ]

    async def test_each_event_has_one_audit_row_that_tells_who_and_from_where(
        self, units: Units[StoreUnit]
    ) -> None:
        caller = a_caller()
        async with units.open(caller) as unit:
            unit.record(_noted("one"))
            unit.record(Passed(occurred_at=NOW + timedelta(microseconds=1), note="two"))
            await unit.commit()
        newest, oldest = await _audited(units)
        assert (oldest.event, oldest.action) == ("contract.noted", "update")
        assert (newest.event, newest.action) == ("contract.passed", "refuse")
        assert newest.occurred_at == NOW + timedelta(microseconds=1)
        assert (newest.resource_type, newest.resource_id) == ("note", "two")
        assert newest.user_id == "user of two"
        assert newest.actor_id == str(caller.principal.user_id)
        assert newest.actor_type == "user"
        assert (newest.ip, newest.user_agent) == (caller.ip, caller.user_agent)
        assert newest.request_id == caller.request_id
        assert newest.changes == {"note": [None, "two"]}
        assert newest.metadata == {}

    async def test_nobody_and_the_system_are_told_apart_in_the_audit_log(
        self, units: Units[StoreUnit]
    ) -> None:
        for caller in (ANYBODY, SYSTEM):
            async with units.open(caller) as unit:
                unit.record(_noted("x"))
                await unit.commit()
        by_system, by_nobody = await _audited(units)
        assert (by_system.actor_type, by_system.actor_id) == ("system", None)
        assert (by_nobody.actor_type, by_nobody.actor_id) == ("anonymous", None)
        assert (by_nobody.ip, by_nobody.user_agent, by_nobody.request_id) == (None, None, None)

    async def test_joining_reactions_run_inside_the_commit(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        async with units.open(a_caller()) as unit:
            unit.record(Led(occurred_at=NOW, note="x"))
            await unit.commit()
        todos = await _due(todo_queue)
        assert [todo.key.reaction for todo in todos] == [THIRD]
        (event,) = await _logged(todo_queue, todos)
        assert event.name == Followed.NAME
        newest, oldest = await _audited(units)
        assert (oldest.event, newest.event) == (Led.NAME, Followed.NAME)
        assert oldest.actor_id == newest.actor_id

    async def test_a_joining_reaction_that_raises_undoes_the_unit(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        user = a_user()

        async def try_in_vain(unit: StoreUnit) -> None:
            await unit.users.add(user)
            unit.record(_noted("x"))
            unit.record(Thwarted(occurred_at=NOW, note="x"))

        with pytest.raises(Thwarting):
            await in_one_unit(units, try_in_vain)
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is None
        assert await _due(todo_queue) == []
        assert await _audited(units) == []

    async def test_a_unit_goes_on_after_a_refusal_and_keeps_nothing_of_what_was_refused(
        self, units: Units[StoreUnit]
    ) -> None:
        first, rival, other = a_user(username="Same"), a_user(username="same"), a_user()
        rival.registered(registration_id=None, now=NOW)
        await in_one_unit(units, lambda unit: unit.users.add(first))
        async with units.open(ANYBODY) as unit:
            with pytest.raises(UsernameTaken):
                await unit.users.add(rival)
            await unit.users.add(other)
            await unit.commit()
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(rival.id) is None
            assert await unit.users.find(other.id) is not None
        assert await _audited(units) == []

    async def test_a_view_sees_what_is_committed_and_does_not_wait_for_a_writer(
        self, units: Units[StoreUnit]
    ) -> None:
        before, after = a_user(), a_user()
        await in_one_unit(units, lambda unit: unit.users.add(before))
        async with asyncio.timeout(PATIENCE_SECONDS), units.open(ANYBODY) as unit:
            await unit.users.add(after)
            changed = await unit.users.find(before.id)
            assert changed is not None
            changed.first_name = "not committed yet"
            await unit.users.save(changed)
            async with units.view(ANYBODY) as view:
                assert await view.users.find(after.id) is None
                assert await view.users.find_by_email(_email_key(after)) is None
                seen = await view.users.find(before.id)
                assert seen is not None
                assert seen.first_name == "Ada"
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.users.find(after.id) is not None

    async def test_a_view_leaves_nothing_behind_whatever_it_is_asked_to_write(
        self, units: Units[StoreUnit]
    ) -> None:
        user = a_user()
        with contextlib.suppress(Exception):
            async with units.view(ANYBODY) as view:
                await view.users.add(user)
                view.record(_noted("x"))
                await view.commit()
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is None
        assert await _audited(units) == []

    async def test_many_units_at_once_are_all_committed(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        async def note(number: int) -> None:
            async with units.open(ANYBODY) as unit:
                await asyncio.sleep(0)
                unit.record(_noted(str(number)))
                await unit.commit()

        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(note(number) for number in range(50)))
        todos = await _due(todo_queue)
        assert len({todo.key for todo in todos}) == 100
        assert {event.fields["note"] for event in await _logged(todo_queue, todos)} == set(
            map(str, range(50))
        )
        entries = await _audited(units)
        assert sorted(entry.resource_id for entry in entries) == sorted(map(str, range(50)))
        assert len({entry.id for entry in entries}) == 50

    async def test_a_unit_that_is_cancelled_is_undone_and_lets_others_go_on(
        self, units: Units[StoreUnit]
    ) -> None:
        user, key = a_user(), a_guess_budget().key
        inside = asyncio.Event()

        async def linger() -> None:
            async with units.open(ANYBODY) as unit:
                await unit.guess_budgets.hold(key)
                await unit.users.add(user)
                inside.set()
                await asyncio.sleep(PATIENCE_SECONDS)

        async def follow() -> None:
            await in_one_unit(units, lambda unit: unit.guess_budgets.hold(key))

        async with asyncio.timeout(PATIENCE_SECONDS):
            lingering = asyncio.create_task(linger())
            await inside.wait()
            impatient, patient = asyncio.create_task(follow()), asyncio.create_task(follow())
            assert await has_to_wait(patient)
            impatient.cancel()
            await asyncio.wait([impatient])
            lingering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await lingering
            await patient
        async with units.open(ANYBODY) as unit:
            assert await unit.users.find(user.id) is None

    async def test_the_caller_is_the_one_for_whom_the_unit_was_opened(self, units: Units[StoreUnit]) -> None:
        caller = a_caller()
        async with units.open(caller) as unit, units.view(caller) as view:
            assert unit.caller is caller
            assert view.caller is caller


def _email_key(user: User) -> str:
    assert user.email is not None
    return user.email.key
