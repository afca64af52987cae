"""What a commit does: reactions that join it, the log, the todos, the audit rows, and word of all that."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.owing import NOON, HandTime

from multiproduct.adapters.contracts.builders import a_user, a_user_id
from multiproduct.adapters.memory import MemoryStore, MemoryTodoQueue, MemoryUnits
from multiproduct.adapters.stdlib import SystemIds
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.committing import Surroundings
from multiproduct.application.events import EventCatalogue
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.reactions import MAX_JOINING_DEPTH, ReactionTable
from multiproduct.domain.identity import UserRegistered, UserUpdated
from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Fell(Event):
    """A domino fell."""

    NAME = "dominoes.fell"
    ACTION = Action.UPDATE
    RESOURCE = "domino"

    number: int

    @property
    def resource_id(self) -> str:
        return str(self.number)


class Table:
    """Units over a memory store, with reactions that a test declares, and what was told after commits."""

    def __init__(self) -> None:
        self.told: list[tuple[bool, frozenset[str]]] = []
        self.reactions = ReactionTable()
        self.store = MemoryStore(real_time=HandTime())
        self.todos = MemoryTodoQueue(store=self.store)
        self.units = MemoryUnits(
            store=self.store,
            surroundings=Surroundings(
                reactions=self.reactions,
                events=EventCatalogue([Fell, UserRegistered, UserUpdated]),
                ids=SystemIds(),
                committed=lambda has_todos, stale: self.told.append((has_todos, stale)),
            ),
        )

    def topple(self, *, until: int) -> None:
        """Declares that each domino pushes the next one, up to a number."""

        async def push(unit: Any, event: Fell) -> None:
            if event.number < until:
                unit.record(Fell(occurred_at=event.occurred_at, number=event.number + 1))

        self.reactions.join(Fell, push)

    async def push(self, *numbers: int, caller: Caller = ANYBODY) -> None:
        async with self.units.open(caller) as unit:
            for number in numbers:
                unit.record(Fell(occurred_at=NOON, number=number))
            await unit.commit()

    def logged(self) -> list[int]:
        return [event.fields["number"] for event in self.store.events.rows.values()]

    async def audit(self):
        async with self.units.view(SYSTEM) as view:
            return await view.audit_trail.find(AuditFilter(), limit=100)


@pytest.fixture
def table() -> Table:
    return Table()


async def ignore(*_: Any) -> None:
    return


async def test_a_unit_is_committed_once(table):
    async with table.units.open(ANYBODY) as unit:
        unit.record(Fell(occurred_at=NOON, number=1))
        await unit.commit()
        with pytest.raises(RuntimeError, match="once"):
            await unit.commit()
    assert table.logged() == [1]
    assert len(table.told) == 1


async def test_leaving_without_a_commit_leaves_nothing(table):
    async with table.units.open(ANYBODY) as unit:
        unit.record(Fell(occurred_at=NOON, number=1))
        await unit.users.add(a_user())
        unit.forget("names:tony")
    assert table.logged() == []
    assert not table.store.identity.users.rows
    assert table.told == []


async def test_an_error_after_the_commit_does_not_undo_it(table):
    async def fail_too_late() -> None:
        async with table.units.open(ANYBODY) as unit:
            unit.record(Fell(occurred_at=NOON, number=1))
            await unit.commit()
            raise ValueError("too late")

    with pytest.raises(ValueError, match="too late"):
        await fail_too_late()
    assert table.logged() == [1]


async def test_joining_reactions_add_to_the_same_commit_in_order(table):
    table.topple(until=3)
    await table.push(1)
    assert table.logged() == [1, 2, 3]
    assert [entry.resource_id for entry in reversed(await table.audit())] == ["1", "2", "3"]


async def test_a_joining_reaction_that_fails_undoes_everything(table):
    async def refuse(unit: Any, event: Fell) -> None:
        raise ValueError("the table shakes")

    table.reactions.join(Fell, refuse)
    with pytest.raises(ValueError, match="shakes"):
        await table.push(1)
    assert table.logged() == []
    assert table.told == []


async def test_what_a_joining_reaction_changes_is_heard_too(table):
    user = a_user()

    async def add_somebody(unit: Any, event: Fell) -> None:
        user.registered(registration_id=None, now=NOON)
        await unit.users.add(user)

    table.reactions.join(Fell, add_somebody)
    await table.push(1)
    assert [event.name for event in table.store.events.rows.values()] == [Fell.NAME, UserRegistered.NAME]


async def test_a_chain_of_events_may_be_as_long_as_the_depth(table):
    table.topple(until=MAX_JOINING_DEPTH)
    await table.push(1)
    assert table.logged() == [1, 2, 3, 4, 5]


async def test_a_chain_that_does_not_end_is_refused_and_leaves_nothing(table):
    table.topple(until=10_000)
    with pytest.raises(RuntimeError, match="deeper"):
        await table.push(1)
    assert table.logged() == []
    assert table.told == []


async def test_caches_hear_of_it_only_after_the_commit(table):
    async with table.units.open(ANYBODY) as unit:
        unit.forget("names:tony", "names:pepper")
        unit.forget("names:tony")
        assert table.told == []
        await unit.commit()
        assert table.told == [(False, frozenset({"names:tony", "names:pepper"}))]


async def test_what_joining_reactions_make_stale_is_told_too(table):
    async def forget(unit: Any, event: Fell) -> None:
        unit.forget(f"dominoes:{event.number}")

    table.reactions.join(Fell, forget)
    await table.push(7)
    assert table.told == [(False, frozenset({"dominoes:7"}))]


async def test_a_commit_leaves_a_todo_for_each_deferred_reaction(table):
    for name in ("dominoes.count", "dominoes.film"):
        table.reactions.defer(Fell, name, ignore)
    await table.push(1, 2)
    found = sorted((key.position, key.reaction) for key in table.store.todos.rows)
    positions = sorted(table.store.events.rows)
    assert found == [(p, name) for p in positions for name in ("dominoes.count", "dominoes.film")]
    assert table.told == [(True, frozenset())]


async def test_an_event_that_nobody_hears_leaves_no_todo(table):
    await table.push(1)
    assert not table.store.todos.rows
    assert table.told == [(False, frozenset())]


def test_no_two_deferred_reactions_have_one_name(table):
    table.reactions.defer(Fell, "dominoes.count", ignore)
    with pytest.raises(ValueError, match=r"dominoes\.count"):
        table.reactions.defer(UserRegistered, "dominoes.count", ignore)


USER_ID, SESSION_ID = a_user_id(), a_user_id()


@pytest.mark.parametrize(
    ("principal", "actor_type", "actor_id"),
    [
        (Principal(), "anonymous", None),
        (Principal(user_id=USER_ID, session_id=SESSION_ID), "user", str(USER_ID)),
        (Principal(is_system=True), "system", None),
    ],
    ids=["anonymous", "user", "system"],
)
async def test_the_audit_log_says_who_did_it_and_from_where(table, principal, actor_type, actor_id):
    caller = Caller(principal=principal, ip="192.0.2.7", user_agent="a browser", request_id="r-1")
    await table.push(4, caller=caller)
    (entry,) = await table.audit()
    assert (entry.actor_type, entry.actor_id) == (actor_type, actor_id)
    assert (entry.ip, entry.user_agent, entry.request_id) == ("192.0.2.7", "a browser", "r-1")
    assert (entry.event, entry.action) == ("dominoes.fell", "update")
    assert (entry.resource_type, entry.resource_id) == ("domino", "4")
    assert (entry.occurred_at, entry.user_id, entry.changes) == (NOON, None, {})
    assert entry.id.version == 7


async def test_the_audit_log_says_whom_it_is_about_and_what_changed(table):
    user = a_user()
    async with table.units.open(ANYBODY) as unit:
        await unit.users.add(user)
        user.change_profile({"first_name": "Grace"}, now=NOON)
        await unit.commit()
    (entry,) = await table.audit()
    assert entry.user_id == entry.resource_id == str(user.id)
    assert entry.changes == {"first_name": ["Ada", "Grace"]}


async def test_the_log_keeps_the_request_that_an_event_came_from(table):
    await table.push(1, caller=Caller(request_id="r-9"))
    (event,) = table.store.events.rows.values()
    assert event.request_id == "r-9"
