"""Idempotency: the same key and input give the same answer, and do the work once."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ConfigDict
from tests.owing import NOON, HandTime
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, code_for, open_house

from multiproduct.adapters.contracts.builders import a_user_id
from multiproduct.adapters.memory import MemoryDatabase, MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemIds, SystemRealTime
from multiproduct.application.caller import ANYBODY, Caller, Principal
from multiproduct.application.committing import Surroundings
from multiproduct.application.events import EventCatalogue
from multiproduct.application.idempotency import (
    KEPT_FOR,
    Idempotency,
    IdempotencyMismatch,
    IdempotencyRecord,
    IdempotencyUnfinished,
)
from multiproduct.application.identity import StartRegistration, VerifyRegistration
from multiproduct.application.reactions import ReactionTable
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.shared import StaleAggregate
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

TONY = "tony@stark.com"
MOMENT = timedelta(microseconds=1)


class Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    what: str
    secret: str = "pin 1234"


class Receipt(BaseModel):
    number: int


class Shop:
    """Orders that are numbered, under a key each."""

    def __init__(self, *, secret: bytes = b"s" * 32) -> None:
        self.store = MemoryStore(real_time=HandTime())
        self.units = MemoryUnits(
            store=self.store,
            surroundings=Surroundings(
                reactions=ReactionTable(),
                events=EventCatalogue([]),
                ids=SystemIds(),
                committed=lambda has_todos, stale: None,
            ),
        )
        self.idempotency = Idempotency(secret=secret)
        self.orders = 0
        self.fails_with: Exception | None = None

    async def order(
        self, what: str, *, key: str | None, caller: Caller = ANYBODY, activity: str = "shop.order", now=NOON
    ) -> int:
        async def take() -> Receipt:
            if self.fails_with is not None:
                raise self.fails_with
            self.orders += 1
            return Receipt(number=self.orders)

        async with self.units.open(caller) as unit:
            receipt = await self.idempotency.once(
                unit,
                key=key,
                activity=activity,
                caller=caller,
                command=Order(what=what),
                answer_type=Receipt,
                now=now,
                body=take,
            )
            await unit.commit()
            return receipt.number


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_the_same_key_and_input_get_the_first_answer(shop):
    assert [await shop.order("suit", key="k") for _ in range(3)] == [1, 1, 1]
    assert shop.orders == 1


async def test_without_a_key_everything_is_done_again(shop):
    assert [await shop.order("suit", key=None) for _ in range(2)] == [1, 2]
    assert not shop.store.idempotency.rows


async def test_the_same_key_with_other_input_is_refused(shop):
    await shop.order("suit", key="k")
    with pytest.raises(IdempotencyMismatch) as refusal:
        await shop.order("arc reactor", key="k")
    assert refusal.value.params == {"key": "k"}
    assert shop.orders == 1


async def test_a_key_is_kept_for_a_day_and_free_again_then(shop):
    await shop.order("suit", key="k")
    assert await shop.order("suit", key="k", now=NOON + KEPT_FOR - MOMENT) == 1
    assert await shop.order("arc reactor", key="k", now=NOON + KEPT_FOR) == 2


async def test_every_caller_has_keys_of_their_own(shop):
    tony, pepper = (Caller(principal=Principal(user_id=a_user_id()), ip="192.0.2.1") for _ in range(2))
    nobody, neighbour = Caller(ip="192.0.2.1"), Caller(ip="192.0.2.2")
    callers = [tony, pepper, nobody, neighbour, ANYBODY]
    assert [await shop.order("suit", key="k", caller=caller) for caller in callers] == [1, 2, 3, 4, 5]
    assert [await shop.order("suit", key="k", caller=caller) for caller in callers] == [1, 2, 3, 4, 5]


async def test_a_person_has_the_same_keys_wherever_they_are(shop):
    tony = Principal(user_id=a_user_id())
    assert await shop.order("suit", key="k", caller=Caller(principal=tony, ip="192.0.2.1")) == 1
    assert await shop.order("suit", key="k", caller=Caller(principal=tony, ip="198.51.100.1")) == 1


async def test_a_household_has_the_same_keys_on_all_its_addresses(shop):
    assert await shop.order("suit", key="k", caller=Caller(ip="2001:db8::1")) == 1
    assert await shop.order("suit", key="k", caller=Caller(ip="2001:db8::2")) == 1


async def test_every_activity_has_keys_of_its_own(shop):
    assert await shop.order("suit", key="k", activity="shop.order") == 1
    assert await shop.order("suit", key="k", activity="shop.rent") == 2


@pytest.mark.parametrize("error", [ValueError("out of stock"), StaleAggregate()])
async def test_a_key_is_not_used_up_by_what_failed(shop, error):
    shop.fails_with = error
    with pytest.raises(type(error)):
        await shop.order("suit", key="k")
    assert not shop.store.idempotency.rows
    shop.fails_with = None
    assert await shop.order("suit", key="k") == 1


async def test_a_first_request_that_has_no_answer_yet_is_said_to_be_under_way(shop):
    await shop.order("suit", key="k")
    (record,) = shop.store.idempotency.rows.values()
    shop.store.idempotency.put(
        IdempotencyRecord(
            scope=record.scope,
            key=record.key,
            fingerprint=record.fingerprint,
            answer=None,
            expires_at=record.expires_at,
        )
    )
    with pytest.raises(IdempotencyUnfinished):
        await shop.order("suit", key="k")


async def test_the_record_holds_nothing_of_the_input(shop):
    await shop.order("suit", key="k")
    (record,) = shop.store.idempotency.rows.values()
    assert record.answer == {"number": 1}
    assert "suit" not in repr(record)
    assert "1234" not in repr(record)


async def test_the_fingerprint_cannot_be_made_without_the_secret(shop):
    other = Shop(secret=b"t" * 32)
    await shop.order("suit", key="k")
    await other.order("suit", key="k")
    (ours,), (theirs,) = shop.store.idempotency.rows.values(), other.store.idempotency.rows.values()
    assert ours.fingerprint != theirs.fingerprint


async def test_a_registration_that_is_repeated_makes_one_challenge_and_one_mail():
    command = StartRegistration(email=TONY, password=PASSWORD)
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        answers = [
            await house.identity.registration.start(command, idempotency_key="sign-up-1") for _ in range(3)
        ]
        assert len({answer.challenge_id for answer in answers}) == 1
        assert answers[0] == answers[1] == answers[2]
        code = await code_for(house, TONY)
        assert len(await house.container.mailbox.messages(TONY)) == 1
        assert len(store._store.challenges.rows) == 1
        assert PASSWORD not in repr(store._store.idempotency.rows)
        done = await house.identity.registration.verify(
            VerifyRegistration(challenge_id=answers[0].challenge_id, otp=code)
        )
        assert done.user.email == TONY


async def test_a_registration_under_a_used_key_with_another_password_is_refused():
    async with open_house() as house:
        start = house.identity.registration.start
        await start(StartRegistration(email=TONY, password=PASSWORD), idempotency_key="k")
        with pytest.raises(IdempotencyMismatch):
            await start(StartRegistration(email=TONY, password=PASSWORD + "!"), idempotency_key="k")


async def test_a_registration_under_a_key_of_yesterday_is_a_new_one():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        command = StartRegistration(email=TONY, password=PASSWORD)
        first = await house.identity.registration.start(command, idempotency_key="k")
        clock.pass_by(KEPT_FOR)
        second = await house.identity.registration.start(command, idempotency_key="k")
        assert second.challenge_id != first.challenge_id


async def test_a_repetition_finds_its_answer_after_the_secret_was_rotated(shop):
    await shop.order("suit", key="k")
    shop.idempotency = Idempotency(secret=b"t" * 32, older=[b"r" * 32, b"s" * 32])
    assert await shop.order("suit", key="k") == 1
    with pytest.raises(IdempotencyMismatch):
        await shop.order("arc reactor", key="k")
    assert await shop.order("suit", key="fresh") == 2
    shop.idempotency = Idempotency(secret=b"t" * 32)
    assert await shop.order("suit", key="fresh") == 2
    with pytest.raises(IdempotencyMismatch):
        await shop.order("suit", key="k")


async def test_a_service_knows_the_fingerprints_of_its_older_secrets():
    store = MemoryDatabase(real_time=SystemRealTime())
    command = StartRegistration(email=TONY, password=PASSWORD)
    old, new = "an old secret of thirty-two characters", "a new secret of thirty-two characters!"
    answers = []
    for secret, retired in ((old, ""), (new, old)):
        settings = Settings(
            _env_file=None,
            database_url="memory://",
            password_cost="test",
            secret_key=secret,
            retired_secret_keys=retired,
        )
        async with Multiproduct(build(settings, overrides=Overrides(store=store))) as house:
            answers.append(await house.identity.registration.start(command, idempotency_key="k"))
    assert answers[0] == answers[1]


async def test_a_request_that_is_repeated_before_its_first_answer_is_read_runs_once(shop):
    keyed = shop.idempotency.keyed(
        key="k", activity="shop.order", caller=ANYBODY, command=Order(what="suit"), answer_type=Receipt
    )

    async def take() -> Receipt:
        shop.orders += 1
        return Receipt(number=shop.orders)

    assert await keyed.first_answer(shop.units.view, now=NOON) is None
    for _ in range(2):
        async with shop.units.open(ANYBODY) as unit:
            assert await keyed.once(unit, take, now=NOON) == Receipt(number=1)
            await unit.commit()
    assert await keyed.first_answer(shop.units.view, now=NOON) == Receipt(number=1)
    assert shop.orders == 1
