"""Reading through two caches: one load for all who ask, and nothing stale kept after it was forgotten."""

import asyncio
import gc
import random

import pytest

from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.adapters.memory import MemoryInvalidations, MemorySharedCache
from multiproduct.application.caching import Forgetting, ReadThrough


class Text:
    """Short texts as UTF-8. `?` stands for bytes of a version that this one cannot read."""

    def encode(self, value: str) -> bytes:
        return value.encode()

    def decode(self, data: bytes) -> str:
        if data == b"?":
            raise ValueError("unknown version")
        return data.decode()


class Database:
    """Rows, and a gate at which loads wait after they have read."""

    def __init__(self) -> None:
        self.rows = {"ann": "Ann", "bob": "Bob"}
        self.loads: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def load(self, keys):
        self.loads.append(list(keys))
        read = {key: self.rows[key] for key in keys if key in self.rows}
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return read


class World:
    """A database, a shared cache, and processes that use both."""

    def __init__(self) -> None:
        self.time = HandTime()
        self.database = Database()
        self.shared = MemorySharedCache(real_time=self.time)
        self.exchange: list[MemoryInvalidations] = []

    async def process(self, *, name="user", max_entries=100, ttl=lambda value: (10, 60), shared=None):
        invalidations = MemoryInvalidations(exchange=self.exchange)
        cache = ReadThrough(
            name=name,
            load=self.database.load,
            ttl=ttl,
            codec=Text(),
            shared=shared or self.shared,
            invalidations=invalidations,
            real_time=self.time,
            max_entries=max_entries,
        )
        await invalidations.start()
        return cache


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
async def cache(world) -> ReadThrough[str]:
    return await world.process()


async def begun(work) -> asyncio.Task:
    """The work as a task that has come as far as it gets by itself."""
    task = asyncio.create_task(work)
    for _ in range(10):
        await asyncio.sleep(0)
    return task


class TestReading:
    async def test_a_value_is_loaded_once_and_then_at_hand(self, world, cache):
        assert cache.peek("ann") is None
        assert await cache.get("ann") == "Ann"
        assert cache.peek("ann") == "Ann"
        assert await cache.get("ann") == "Ann"
        assert world.database.loads == [["ann"]]

    async def test_another_process_finds_it_in_the_shared_cache(self, world, cache):
        await cache.get("ann")
        other = await world.process()
        assert await other.get("ann") == "Ann"
        assert world.database.loads == [["ann"]]
        assert (other.loads, other.shared_hits) == (0, 1)

    async def test_only_what_is_missing_is_loaded_and_in_one_go(self, world, cache):
        await cache.get("ann")
        assert await cache.get_many(["ann", "bob", "nobody", "bob"]) == {"ann": "Ann", "bob": "Bob"}
        assert world.database.loads == [["ann"], ["bob", "nobody"]]

    async def test_what_does_not_exist_is_asked_again(self, world, cache):
        assert await cache.get("nobody") is None
        world.database.rows["nobody"] = "Somebody"
        assert await cache.get("nobody") == "Somebody"

    async def test_a_load_is_given_at_most_five_hundred_keys(self, world, cache):
        keys = [f"key {i}" for i in range(1_201)]
        world.database.rows = dict.fromkeys(keys, "x")
        assert len(await cache.get_many(keys)) == 1_201
        assert [len(keys) for keys in world.database.loads] == [500, 500, 201]

    async def test_nothing_but_what_was_asked_for_is_kept(self, world, cache):
        async def generous(keys):
            return {"ann": "Ann", "uninvited": "x"}

        cache._load = generous
        assert await cache.get_many(["ann"]) == {"ann": "Ann"}
        assert cache.peek("uninvited") is None

    async def test_bytes_of_another_version_are_a_miss(self, world, cache):
        await world.shared.set_many({"user:ann": b"?"}, 60)
        assert await cache.get("ann") == "Ann"
        await cache.settle()
        assert await world.shared.get_many(["user:ann"]) == {"user:ann": b"Ann"}


class TestLifetimes:
    async def test_a_value_is_kept_here_for_its_time(self, world, cache):
        await cache.get("ann")
        world.time.advance(9.999_999)
        assert cache.peek("ann") == "Ann"
        world.time.advance(0.000_001)
        assert cache.peek("ann") is None

    async def test_and_shared_for_its_own(self, world, cache):
        await cache.get("ann")
        world.time.advance(59)
        await cache.get("ann")
        assert world.database.loads == [["ann"]]
        world.time.advance(11)
        await cache.get("ann")
        assert world.database.loads == [["ann"], ["ann"]]

    async def test_how_long_depends_on_the_value(self, world):
        cache = await world.process(ttl=lambda value: (100, 100) if value == "Ann" else (0, 0))
        await cache.get_many(["ann", "bob"])
        await cache.settle()
        assert (cache.peek("ann"), cache.peek("bob")) == ("Ann", None)
        assert await world.shared.get_many(["user:ann", "user:bob"]) == {"user:ann": b"Ann"}

    async def test_the_least_recently_used_values_make_room(self, world):
        cache = await world.process(max_entries=2)
        world.database.rows["cid"] = "Cid"
        await cache.get_many(["ann", "bob"])
        cache.peek("ann")
        await cache.get("cid")
        assert [cache.peek(key) for key in ("ann", "bob", "cid")] == ["Ann", None, "Cid"]


class TestOneLoadForAll:
    async def test_a_thousand_who_miss_at_once_share_one_load(self, world, cache):
        world.database.gate.clear()
        callers = [asyncio.create_task(cache.get("ann")) for _ in range(1_000)]
        await begun(asyncio.sleep(0))
        world.database.gate.set()
        assert set(await asyncio.gather(*callers)) == {"Ann"}
        assert world.database.loads == [["ann"]]

    async def test_overlapping_lists_load_each_key_once(self, world, cache):
        world.database.gate.clear()
        first = await begun(cache.get_many(["ann"]))
        second = await begun(cache.get_many(["ann", "bob"]))
        world.database.gate.set()
        assert await second == {"ann": "Ann", "bob": "Bob"}
        assert await first == {"ann": "Ann"}
        assert world.database.loads == [["ann"], ["bob"]]

    async def test_a_failing_load_is_told_to_all_who_wait_and_then_over(self, world, cache):
        world.database.gate.clear()
        world.database.failure = RuntimeError("no connection")
        callers = [await begun(cache.get("ann")) for _ in range(3)]
        world.database.gate.set()
        results = await asyncio.gather(*callers, return_exceptions=True)
        assert [str(result) for result in results] == ["no connection"] * 3
        world.database.failure = None
        assert await cache.get("ann") == "Ann"

    async def test_a_caller_that_goes_away_takes_nobody_with_it(self, world, cache):
        world.database.gate.clear()
        impatient, patient = await begun(cache.get("ann")), await begun(cache.get("ann"))
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        world.database.gate.set()
        assert await patient == "Ann"
        assert world.database.loads == [["ann"]]

    async def test_a_load_that_everybody_left_still_fills_the_cache(self, world, cache):
        world.database.gate.clear()
        only = await begun(cache.get("ann"))
        only.cancel()
        await asyncio.gather(only, return_exceptions=True)
        world.database.gate.set()
        await cache.settle()
        assert cache.peek("ann") == "Ann"

    async def test_a_failure_that_nobody_waits_for_is_no_noise(self, world, cache, caplog):
        world.database.failure = RuntimeError("no connection")
        two_loads = asyncio.create_task(cache.get_many([f"key {i}" for i in range(501)]))
        await asyncio.wait([two_loads])
        assert str(two_loads.exception()) == "no connection"  # the first load's
        await cache.settle()
        world.database.failure = two_loads = None  # they hold on to the other load, which would complain
        gc.collect()
        await asyncio.sleep(0)
        assert caplog.records == []


class TestForgetting:
    async def test_a_forgotten_value_is_gone_here_there_and_in_the_shared_cache(self, world, cache):
        other = await world.process()
        await cache.get("ann")
        await other.get("ann")
        world.database.rows["ann"] = "Anna"
        await cache.forget(["ann"])
        assert (cache.peek("ann"), other.peek("ann")) == (None, None)
        assert await other.get("ann") == "Anna"
        assert await cache.get("ann") == "Anna"

    async def test_a_load_under_way_is_not_kept_when_its_key_was_forgotten(self, world, cache):
        world.database.gate.clear()
        early = await begun(cache.get_many(["ann", "bob"]))
        world.database.rows["ann"] = "Anna"
        await cache.forget(["ann"])
        late = await begun(cache.get("ann"))  # must not join the early one
        world.database.gate.set()
        assert (await early)["ann"] == "Ann"  # it asked before
        assert await late == "Anna"
        await cache.settle()
        assert cache.peek("bob") == "Bob"
        assert (
            await cache.get("ann") == "Anna"
        )  # it may have been dropped once more, but is never the old one
        await cache.settle()
        assert await world.shared.get_many(["user:ann"]) == {"user:ann": b"Anna"}

    async def test_nor_when_another_process_forgot_it(self, world, cache):
        other = await world.process()
        world.database.gate.clear()
        early = await begun(cache.get("ann"))
        world.database.rows["ann"] = "Anna"
        await other.forget(["ann"])
        world.database.gate.set()
        assert await early == "Ann"
        await cache.settle()
        assert cache.peek("ann") is None
        assert await world.shared.get_many(["user:ann"]) == {}

    async def test_a_gap_drops_everything_and_what_is_under_way(self, world, cache):
        await cache.get("bob")
        world.database.gate.clear()
        early = await begun(cache.get("ann"))
        cache.flush_local()
        world.database.gate.set()
        assert await early == "Ann"
        await cache.settle()
        assert (cache.peek("ann"), cache.peek("bob")) == (None, None)

    async def test_caches_of_other_names_are_left_alone(self, world, cache):
        plans = await world.process(name="plan")
        await plans.get("ann")
        await cache.get("ann")
        await cache.forget(["ann"])
        assert plans.peek("ann") == "Ann"

    async def test_full_keys_are_forgotten_at_once_and_told_in_the_background(self, world, cache):
        plans, other = await world.process(name="plan"), await world.process()
        for each in (cache, plans, other):
            await each.get_many(["ann", "bob"])
        forgetting = Forgetting(caches=[cache, plans])
        forgetting.forget_soon(["user:ann", "plan:bob"])
        assert (cache.peek("ann"), cache.peek("bob")) == (None, "Bob")
        assert (plans.peek("ann"), plans.peek("bob")) == ("Ann", None)
        await forgetting.settle()
        assert (other.peek("ann"), other.peek("bob")) == (None, "Bob")
        with pytest.raises(KeyError):
            forgetting.forget_soon(["unknown:ann"])


class SlowShared(MemorySharedCache):
    """A shared cache with gates: behind its reads, before its writes and deletions."""

    def __init__(self, time) -> None:
        super().__init__(real_time=time)
        self.answers, self.accepts, self.deletes = (asyncio.Event() for _ in range(3))
        for gate in (self.answers, self.accepts, self.deletes):
            gate.set()

    async def delete(self, keys):
        await self.deletes.wait()
        await super().delete(keys)

    async def get_many(self, keys):
        found = await super().get_many(keys)
        await self.answers.wait()
        return found

    async def set_many(self, entries, seconds):
        await self.accepts.wait()
        await super().set_many(entries, seconds)


class TestRacesWithTheSharedCache:
    async def test_a_shared_value_read_before_it_was_forgotten_is_not_kept(self, world):
        shared = SlowShared(world.time)
        cache = await world.process(shared=shared)
        await shared.set_many({"user:ann": b"Old"}, 60)
        shared.answers.clear()
        early = await begun(cache.get("ann"))
        await cache.forget(["ann"])
        shared.answers.set()
        assert await early == "Old"
        await cache.settle()
        assert cache.peek("ann") is None
        assert await cache.get("ann") == "Ann"

    async def test_a_shared_value_read_while_it_is_being_deleted_is_not_kept(self, world):
        shared = SlowShared(world.time)
        cache = await world.process(shared=shared)
        await shared.set_many({"user:ann": b"Old"}, 60)
        shared.deletes.clear()
        forgetting = await begun(cache.forget(["ann"]))
        assert await cache.get("ann") == "Old"
        shared.deletes.set()
        await forgetting
        assert cache.peek("ann") is None

    async def test_a_value_forgotten_while_it_is_being_shared_does_not_stay_shared(self, world):
        shared = SlowShared(world.time)
        cache = await world.process(shared=shared)
        shared.accepts.clear()
        assert await cache.get("ann") == "Ann"
        world.database.rows["ann"] = "Anna"
        await cache.forget(["ann"])
        shared.accepts.set()  # the old value arrives after the deletion
        await cache.settle()
        assert await shared.get_many(["user:ann"]) == {}

    async def test_an_old_value_shared_just_before_hearing_of_it_is_removed(self, world):
        cache, other = await world.process(), await world.process()
        world.database.gate.clear()
        slow = await begun(cache.get("ann"))
        world.database.rows["ann"] = "Anna"
        await world.shared.delete(["user:ann"])  # the other process has committed, and is about to tell
        world.database.gate.set()
        assert await slow == "Ann"
        await cache.settle()
        assert await world.shared.get_many(["user:ann"]) == {"user:ann": b"Ann"}
        await other._invalidations.publish(["user:ann"])
        await cache.settle()
        assert await world.shared.get_many(["user:ann"]) == {}

    async def test_slow_caches_and_slow_word_leave_nothing_stale_in_any_process(self, world):
        for seed in range(200):
            assert await Fuzz(seed).stale_at_rest() == [], seed

    async def test_racing_readers_and_writers_leave_nothing_stale(self, world):
        """Many orders of reading, committing and forgetting; at rest every process tells the truth."""

        dice = random.Random(5)
        processes = [await world.process() for _ in range(3)]

        async def load(keys):
            await asyncio.sleep(0)
            read = {key: world.database.rows[key] for key in keys}
            for _ in range(dice.randrange(6)):
                await asyncio.sleep(0)
            return read

        for process in processes:
            process._load = load

        async def read() -> None:
            for _ in range(40):
                await dice.choice(processes).get_many(dice.choice((["ann"], ["bob"], ["ann", "bob"])))
                if dice.random() < 0.3:
                    await asyncio.sleep(0)

        async def write(number: int) -> None:
            for step in range(10):
                key = dice.choice(("ann", "bob"))
                world.database.rows[key] = f"{number}-{step}"
                await dice.choice(processes).forget([key])
                await asyncio.sleep(0)

        for round_ in range(50):
            await asyncio.gather(*(read() for _ in range(8)), write(round_), write(100 + round_))
            for process in processes:
                await process.settle()
            for process in processes:
                assert await process.get_many(["ann", "bob"]) == world.database.rows, f"round {round_}"


class Ear:
    """What one process of a fuzz tells and hears; it does not hear itself."""

    def __init__(self, fuzz) -> None:
        self.fuzz = fuzz
        fuzz.ears.append(self)

    def listen(self, on_keys, on_gap):
        self.on_keys = on_keys

    async def publish(self, keys):
        for ear in self.fuzz.ears:
            if ear is not self:
                await self.fuzz.pause()
                ear.on_keys(list(keys))


class Fuzz:
    """Three processes whose reads, writes, deletions and messages take a while each, in a chance order."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.truth = {"a": "0", "b": "0", "c": "0"}
        self.kept: dict[str, bytes] = {}
        self.ears: list[Ear] = []
        self.processes = [
            ReadThrough(
                name="n",
                load=self.load,
                ttl=lambda _value: (100, 100),
                codec=Text(),
                shared=self,
                invalidations=Ear(self),
                real_time=HandTime(),
            )
            for _ in range(3)
        ]

    async def pause(self) -> None:
        for _ in range(self.dice.choice([0, 0, 1, 3, 9])):
            await asyncio.sleep(0)

    async def load(self, keys):
        await self.pause()
        read = {key: self.truth[key] for key in keys}
        await self.pause()
        return read

    async def get_many(self, keys):
        await self.pause()
        found = {key: self.kept[key] for key in keys if key in self.kept}
        await self.pause()
        return found

    async def set_many(self, entries, seconds):
        await self.pause()
        self.kept.update(entries)
        await self.pause()

    async def delete(self, keys):
        await self.pause()
        for key in keys:
            self.kept.pop(key, None)
        await self.pause()

    async def read(self) -> None:
        for _ in range(20):
            await self.dice.choice(self.processes).get_many(self.dice.sample("abc", 2))
            await self.pause()

    async def write(self) -> None:
        for number in range(1, 9):
            key = self.dice.choice("abc")
            self.truth[key] = str(number)
            await self.dice.choice(self.processes).forget([key])
            await self.pause()

    async def stale_at_rest(self) -> list[tuple[str, str]]:
        async with asyncio.timeout(30):
            await asyncio.gather(*(self.read() for _ in range(6)), self.write())
            for process in self.processes:
                await process.settle()
        held = [(key, process.peek(key)) for process in self.processes for key in "abc"]
        held += [(key.removeprefix("n:"), value.decode()) for key, value in self.kept.items()]
        return [(key, value) for key, value in held if value not in (None, self.truth[key])]
