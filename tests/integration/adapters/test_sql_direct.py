"""Statements that go straight to asyncpg: they answer what SQLAlchemy does, and fail as it does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    Executable,
    Text,
    TypeDecorator,
    bindparam,
    delete,
    event,
    insert,
    literal,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Engine
from sqlalchemy.exc import (
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    SQLAlchemyError,
    StatementError,
)
from tests.integration.adapters.counting_proxy import CountingProxy, counting_proxy

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, compiled_forms
from multiproduct.adapters.sql.answers import Answer
from multiproduct.adapters.sql.compiled_forms import form_of
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables import audit_entries, idempotency
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import TransientFailure

PATIENCE = 30
_i = idempotency.c

ADD = insert(idempotency)
FIND = select(idempotency).where(_i.key == bindparam("of_key"))
SOME = select(_i.key, _i.answer).where(_i.key.in_(bindparam("keys", expanding=True))).order_by(_i.key)
ONE_OF_TWO = select(_i.key).where(_i.key.in_(["a", "b"]), _i.scope == bindparam("of_scope")).limit(1)
CHANGE = update(idempotency).where(_i.key == bindparam("of_key")).values(about=bindparam("new"))
REMOVE = delete(idempotency).where(_i.key == bindparam("of_key")).returning(_i.answer, _i.expires_at)
AS_TEXT = text("SELECT expires_at, key, answer FROM idempotency ORDER BY key").columns(answer=_i.answer.type)
CHANGING = text("SELECT * FROM changing")
SLEEP = text("SELECT pg_sleep(CAST(:seconds AS double precision))")


@pytest.fixture
async def lane(postgres_store: SqlStore) -> AsyncIterator[Lane]:
    lane = postgres_store._database.unit_lane()
    yield lane
    await lane.end(committed=False)


def row(key: str, **more: Any) -> dict[str, Any]:
    plain = {"scope": "s", "key": key, "fingerprint": "f", "answer": {"n": [1, None]}, "about": None}
    return {**plain, "expires_at": NOW + timedelta(microseconds=1), **more}


async def twice(lane: Lane, statement: Executable, parameters: Any = None) -> tuple[Any, Answer]:
    """What SQLAlchemy answers, which takes what is new, and what is answered afterwards."""

    def note(*_told: Any) -> None:
        """Who listens has everything done by SQLAlchemy."""

    await lane.run(statement, parameters)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        first = await lane.run(statement, parameters)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    second = await lane.run(statement, parameters)
    assert isinstance(second, Answer)
    assert not isinstance(first, Answer)
    return first, second


async def known(lane: Lane, *statements: tuple[Executable, Any]) -> None:
    """Has them seen for the first time."""
    for statement, parameters in statements:
        await lane.run(statement, parameters)


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (FIND, {"of_key": "a"}),
        (FIND, {"of_key": "lacks"}),
        (SOME, {"keys": ["a", "c"]}),
        (SOME, {"keys": ["b"]}),
        (SOME, {"keys": []}),
        (ONE_OF_TWO, {"of_scope": "s"}),
        (AS_TEXT, None),
        (CHANGE, {"of_key": "a", "new": "x"}),
        (CHANGE, {"of_key": "lacks", "new": "x"}),
        (select(literal(1).label("count"), literal("x").label("class")), None),
    ],
)
async def test_what_is_answered_is_what_sqlalchemy_answers(
    lane: Lane, statement: Executable, parameters: Any
) -> None:
    await known(lane, (ADD, [row("a"), row("b", answer=None), row("c", about="é")]))
    first, second = await twice(lane, statement, parameters)
    assert second.rowcount == first.rowcount
    if first.returns_rows:
        rows = first.all()
        assert [tuple(each) for each in second] == [tuple(each) for each in rows]
        assert [dict(each._mapping) for each in second.all()] == [dict(each._mapping) for each in rows]


async def test_lists_of_every_length_are_answered(lane: Lane) -> None:
    keys = [f"k{number:03}" for number in range(100)]
    await known(lane, (ADD, [row(key) for key in keys]), (SOME, {"keys": keys}))
    for length in (*range(100), 3, 0):
        found = await lane.run(SOME, {"keys": keys[:length]})
        assert [each.key for each in found] == keys[:length]


class Shouted(TypeDecorator[str]):
    """Text that comes back in capitals."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> str:
        del dialect
        return str(value).upper()


async def test_statements_of_one_text_keep_the_types_of_their_own_columns(lane: Lane) -> None:
    plain = select(_i.fingerprint.label("said")).where(_i.key == "a")
    shouted = select(type_coerce(_i.fingerprint, Shouted()).label("said")).where(_i.key == "a")
    assert str(plain) == str(shouted)
    await known(lane, (ADD, row("a")), (plain, None), (shouted, None))
    for _ in range(2):
        assert (await lane.run(plain)).scalar_one() == "f"
        assert (await lane.run(shouted)).scalar_one() == "F"


async def test_what_is_written_one_by_one_and_many_at_once_is_there(lane: Lane) -> None:
    await known(lane, (ADD, row("a")), (ADD, row("b")))
    for rows in ([row("c")], [row("d"), row("e", answer=None)], row("f")):
        await lane.run(ADD, rows)
    await known(lane, (REMOVE, {"of_key": "a"}))
    gone = (await lane.run(REMOVE, {"of_key": "b"})).one()
    assert (gone.answer, gone.expires_at) == ({"n": [1, None]}, NOW + timedelta(microseconds=1))
    found = await lane.run(SOME, {"keys": list("abcdef")})
    assert [tuple(each) for each in found] == [
        ("c", {"n": [1, None]}),
        ("d", {"n": [1, None]}),
        ("e", None),
        ("f", {"n": [1, None]}),
    ]


async def test_a_value_that_differs_from_one_time_to_the_next_is_the_one_that_was_given(lane: Lane) -> None:
    statement = insert(audit_entries)
    told = dict.fromkeys(("event", "action", "resource_type", "resource_id", "actor_type"), "") | {
        "occurred_at": datetime.now(UTC),
        "changes": {},
        "metadata": {},
    }
    ids = [a_uuid() for _ in range(4)]
    for number, id_ in enumerate(ids):
        # Columns that are named or not make another statement of it.
        more = {"ip": f"{number}"} if number % 2 else {}
        await lane.run(statement, told | {"id": id_, "resource_id": "\0"} | more)
    kept = select(audit_entries.c.ip, audit_entries.c.resource_id).where(audit_entries.c.id.in_(ids))
    found = sorted(tuple(each) for each in await lane.run(kept.where(audit_entries.c.ip.is_not(None))))
    assert found == [("1", "\ufffd"), ("3", "\ufffd")]


async def test_what_is_wanted_once_is_there_once(lane: Lane) -> None:
    await known(lane, (ADD, [row("a"), row("b")]), (SOME, {"keys": ["a"]}))
    both = await lane.run(SOME, {"keys": ["a", "b"]})
    assert (both.scalar(), list(both.scalars()), both.first().key) == ("a", ["a", "b"], "a")
    with pytest.raises(MultipleResultsFound):
        both.one_or_none()
    none = await lane.run(SOME, {"keys": []})
    assert (none.scalar(), none.first(), none.one_or_none(), none.scalar_one_or_none()) == (None,) * 4
    with pytest.raises(NoResultFound):
        none.scalar_one()


async def test_a_key_that_is_taken_is_told_and_undone_with_the_unit(postgres_store: SqlStore) -> None:
    for key in ("a", "b"):
        lane = postgres_store._database.unit_lane()
        await known(lane, (FIND, {"of_key": key}), (ADD, row(key)))
        with pytest.raises(IntegrityError) as refused:
            await lane.run(ADD, row(key))
        assert refused.value.orig.sqlstate == "23505"
        await lane.end(committed=False)
        assert (await postgres_store._database.read(FIND, {"of_key": key})).first() is None


async def test_a_value_that_the_column_refuses_is_told(lane: Lane) -> None:
    await known(lane, (ADD, row("a")), (ADD, row("b")))
    with pytest.raises(StatementError, match="time zone"):
        await lane.run(ADD, row("c", expires_at=NOW.replace(tzinfo=None)))
    with pytest.raises(SQLAlchemyError):
        await lane.run(SOME, {})
    assert (await lane.run(SOME, {"keys": ["a", "b", "c"]})).rowcount == 2


async def test_a_transaction_is_begun_before_anything_goes_straight(postgres_store: SqlStore) -> None:
    for key in ("a", "b", "c"):
        lane = postgres_store._database.unit_lane()
        await lane.run(ADD, row(key))
        await lane.run(ADD, row(key + key))
        await lane.end(committed=False)
    assert (
        await postgres_store._database.read(SOME, {"keys": ["a", "b", "c", "aa", "bb", "cc"]})
    ).all() == []


async def test_a_connection_lost_in_mid_unit_is_transient(postgres_store_url: str) -> None:
    async with counting_proxy(postgres_store_url) as proxy:
        store = SqlStore(proxy.url)
        for _ in range(2):
            await _lose(store, proxy)
        await store.ping()
        async with store.units(contract_surroundings()).view(ANYBODY) as view:
            assert await view.idempotency.find("s", "a", now=NOW) is None
        await store.close()


async def _lose(store: SqlStore, proxy: CountingProxy) -> None:
    lane = store._database.unit_lane()
    await known(lane, (FIND, {"of_key": "a"}), (ADD, row("a")), (FIND, {"of_key": "a"}))
    proxy.cut()
    with pytest.raises(TransientFailure):
        await lane.run(FIND, {"of_key": "a"})
    await lane.end(committed=False)


async def test_a_connection_whose_statement_was_given_up_is_not_used_again(postgres_store: SqlStore) -> None:
    database = postgres_store._database
    lane = database.unit_lane()
    await known(lane, (SLEEP, {"seconds": 0.0}), (SLEEP, {"seconds": 0.0}), (ADD, row("a")))
    asked = asyncio.ensure_future(lane.run(SLEEP, {"seconds": 20.0}))
    await asyncio.sleep(0.05)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await lane.end(committed=False)
    async with asyncio.timeout(PATIENCE):
        assert (await database.read(FIND, {"of_key": "a"})).first() is None
        again = database.unit_lane()
        await known(again, (ADD, row("a")))
        await again.commit()
        await again.end(committed=True)
    assert (await database.read(FIND, {"of_key": "a"})).first() is not None


async def test_a_table_that_changed_is_read_anew_by_every_connection(postgres_store: SqlStore) -> None:
    database = postgres_store._database
    await database.alone(text("CREATE TABLE IF NOT EXISTS changing (first integer)"))
    try:
        for _ in range(3):
            assert (await database.alone(CHANGING)).first() is None
            assert await _read_in(database.view_lane()) == [None]
        assert await _read_in(*(database.unit_lane() for _ in range(4))) == [None] * 4
        assert await _read_in(*(database.unit_lane() for _ in range(4))) == [None] * 4
        await database.alone(text("ALTER TABLE changing ADD COLUMN second integer DEFAULT 2"))
        await database.alone(text("INSERT INTO changing VALUES (1)"))
        found = await _read_in(*(database.unit_lane() for _ in range(4)))
        assert found == [TransientFailure, (1, 2), (1, 2), (1, 2)]
        assert await _read_in(database.view_lane()) == [(1, 2)]
        await database.alone(text("ALTER TABLE changing ADD COLUMN third integer DEFAULT 3"))
        assert (await database.alone(CHANGING)).one() == (1, 2, 3)
        assert await _read_in(database.view_lane()) == [(1, 2, 3)]
    finally:
        await database.alone(text("DROP TABLE changing"))


async def _read_in(*lanes: Lane) -> list[Any]:
    """What each finds, or how it is refused; they are open at the same time."""
    found: list[Any] = []
    for lane in lanes:
        await lane.run(text("SELECT 1"))
        try:
            row = (await lane.run(CHANGING)).first()
            found.append(None if row is None else tuple(row))
        except TransientFailure as refusal:
            found.append(type(refusal))
    for lane in lanes:
        await lane.end(committed=False)
    return found


async def test_what_was_compiled_for_a_statement_that_is_gone_is_bounded() -> None:
    dialect = PGDialect_asyncpg()
    for number in range(3_000):
        statement = text(f"SELECT {number}")
        for _ in range(3):
            form_of(statement, None, dialect)
    assert len(compiled_forms._known) == compiled_forms._MOST_STATEMENTS
