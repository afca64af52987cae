"""Password hashes: slow and salted, beside the loop, no more at once than there are cores."""

import asyncio
import subprocess
import sys
import threading

import pytest

from multiproduct.adapters.passlib import HashCost, PasslibPasswordHasher
from multiproduct.domain.shared import Unavailable

PATIENCE_SECONDS = 90
CHEAP = HashCost.test()


class Spy:
    """A passlib context that counts what is asked of it and can be held up."""

    def __init__(self, real) -> None:
        self._real = real
        self.calls: list[tuple[str, str]] = []
        self.running = self.most_running = 0
        self._lock = threading.Lock()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def hash(self, password: str) -> str:
        with self._counted("hash", password):
            return self._real.hash(password)

    def verify_and_update(self, password: str, hashed: str):
        with self._counted("verify", hashed):
            return self._real.verify_and_update(password, hashed)

    def _counted(self, kind: str, what: str):
        self.calls.append((kind, what))
        return self

    def __enter__(self) -> None:
        with self._lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        assert self.may_go_on.wait(PATIENCE_SECONDS)

    def __exit__(self, *_) -> None:
        with self._lock:
            self.running -= 1


@pytest.fixture
def make():
    """Hashers that are closed when the test is over."""
    made = []

    def a_hasher(*, cost=CHEAP, queue=50, cores=2) -> PasslibPasswordHasher:
        made.append(PasslibPasswordHasher(cost=cost, queue=queue, cores=cores))
        return made[-1]

    yield a_hasher
    for hasher in made:
        context = hasher._workshop._place._context
        if isinstance(context, Spy):
            context.may_go_on.set()
        hasher.close()


def spied(hasher: PasslibPasswordHasher) -> Spy:
    place = hasher._workshop._place
    spy = place._context = Spy(place._passlib())
    return spy


async def until(reached) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not reached():
            await asyncio.sleep(0.001)


async def test_a_password_matches_its_hash_and_no_other(make):
    hasher = make()
    hashed = await hasher.hash("correct horse")
    assert (await hasher.check("correct horse", hashed)).matches
    for wrong in ("correct horse ", "Correct horse", "", "correct hors"):
        check = await hasher.check(wrong, hashed)
        assert (check.matches, check.new_hash) == (False, None)


async def test_a_hash_is_salted_and_made_as_it_was_asked_for(make):
    hasher = make()
    one, other = await hasher.hash("correct horse"), await hasher.hash("correct horse")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert "correct" not in one


def test_the_usual_cost_is_the_recommended_one():
    assert HashCost.normal() == HashCost(memory_kib=19_456, passes=2)


@pytest.mark.parametrize("password", ["pass\u00e9 phrase", "密碼密碼密碼", "x" * 1_024, " ", "a b\tc"])
async def test_passwords_of_any_script_and_length_are_kept_whole(make, password):
    hasher = make()
    hashed = await hasher.hash(password)
    assert (await hasher.check(password, hashed)).matches
    assert not (await hasher.check(password[:-1] + "~", hashed)).matches


async def test_nobody_costs_the_same_work_as_somebody(make):
    hasher = make()
    hashed = await hasher.hash("correct horse")
    await hasher.check("warm up", None)
    spy = spied(hasher)
    await hasher.check("wrong", hashed)
    of_somebody = [kind for kind, _ in spy.calls]
    spy.calls.clear()
    assert not (await hasher.check("wrong", None)).matches
    assert [kind for kind, _ in spy.calls] == of_somebody == ["verify"]
    # And against a hash of the same cost.
    ((_, nobodys),) = spy.calls
    assert nobodys.split("$")[:4] == hashed.split("$")[:4]


async def test_no_password_is_nobodys(make):
    hasher = make()
    for guess in ("", "None", hasher._workshop._place._nobodys_hash()):
        assert not (await hasher.check(guess, None)).matches


async def test_a_hash_of_another_cost_still_matches_and_is_made_anew(make):
    old, new = make(), make(cost=HashCost(16, 2))
    hashed = await old.hash("correct horse")
    check = await new.check("correct horse", hashed)
    assert check.matches
    assert check.new_hash is not None
    assert "m=16,t=2" in check.new_hash
    again = await new.check("correct horse", check.new_hash)
    assert (again.matches, again.new_hash) == (True, None)


async def test_a_wrong_password_never_gets_a_new_hash(make):
    hashed = await make().hash("correct horse")
    check = await make(cost=HashCost(16, 2)).check("wrong", hashed)
    assert (check.matches, check.new_hash) == (False, None)


async def test_no_more_run_at_once_than_there_are_cores(make):
    hasher = make(cores=2)
    spy = spied(hasher)
    spy.may_go_on.clear()
    tasks = [asyncio.create_task(hasher.hash(f"password {number}")) for number in range(10)]
    await until(lambda: spy.running == 2)
    spy.may_go_on.set()
    await asyncio.gather(*tasks)
    assert spy.most_running == 2
    assert len(spy.calls) == 10


async def test_beyond_the_queue_the_answer_is_to_come_again(make):
    hasher = make(cores=1, queue=3)
    spy = spied(hasher)
    spy.may_go_on.clear()
    tasks = [asyncio.create_task(hasher.hash(f"password {number}")) for number in range(4)]
    await until(lambda: spy.running == 1)
    for attempt in (hasher.hash("one too many"), hasher.check("one too many", None)):
        with pytest.raises(Unavailable) as refusal:
            await attempt
        assert refusal.value.params["what"] == "passwords"
        assert refusal.value.retry_after >= 1
    spy.may_go_on.set()
    await asyncio.gather(*tasks)
    assert len(spy.calls) == 4


async def test_there_is_room_again_when_the_work_is_done(make):
    hasher = make(cores=1, queue=0)
    for _ in range(5):
        await hasher.hash("correct horse")
        await until(lambda: hasher._waiting == 0)


async def test_no_more_requests_are_let_in_than_can_be_hashed_for(make):
    hasher = make(cores=1, queue=1)
    with hasher.room(), hasher.room():
        with pytest.raises(Unavailable), hasher.room():
            pytest.fail("there was room")
        await hasher.hash("of one that was let in")
    with hasher.room():
        pass


async def test_the_longer_the_queue_the_longer_the_wait_that_is_told(make):
    hasher = make(cores=1, queue=200)
    spy = spied(hasher)
    spy.may_go_on.clear()
    tasks = [asyncio.create_task(hasher.hash("x")) for _ in range(201)]
    await until(lambda: hasher._waiting == 201)
    with pytest.raises(Unavailable) as refusal:
        await hasher.hash("one too many")
    assert refusal.value.retry_after == 7  # 201 hashes of 30 ms
    spy.may_go_on.set()
    await asyncio.gather(*tasks)


async def test_a_caller_that_goes_away_does_not_free_the_core(make):
    hasher = make(cores=1, queue=0)
    spy = spied(hasher)
    spy.may_go_on.clear()
    task = asyncio.create_task(hasher.hash("correct horse"))
    await until(lambda: spy.running == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(Unavailable):
        await hasher.hash("another")
    spy.may_go_on.set()
    await until(lambda: hasher._waiting == 0)
    assert (await hasher.hash("another")).startswith("$argon2id$")


async def test_the_loop_goes_on_while_a_password_is_hashed(make):
    hasher = make(cores=1)
    spy = spied(hasher)
    spy.may_go_on.clear()
    task = asyncio.create_task(hasher.hash("correct horse"))
    await until(lambda: spy.running == 1)
    beats = 0
    while beats < 100:
        await asyncio.sleep(0)
        beats += 1
    assert not task.done()
    spy.may_go_on.set()
    await task


async def test_a_hash_that_is_none_matches_nothing_is_logged_and_leaves_no_place_taken(make, caplog):
    hasher = make(cores=1, queue=0)
    for _ in range(3):
        assert not (await hasher.check("correct horse", "not a hash")).matches
        assert "no scheme" in caplog.text
        assert "not a hash" not in caplog.text
        await until(lambda: hasher._waiting == 0)


async def test_a_hasher_that_was_closed_opens_again(make):
    hasher = make()
    hashed = await hasher.hash("correct horse")
    hasher.close()
    hasher.close()
    assert (await hasher.check("correct horse", hashed)).matches


OVERTAKEN_AT_THE_FIRST_USE = """
import sys, threading
from multiproduct.adapters.passlib.hashing import HashCost, Hashing

hashed = {}

def uses(name):
    hashed[name] = Hashing(HashCost.test()).hash("correct horse")

def overtakes(frame, event, argument):
    if frame.f_code.co_name == "_stub_requires_backend" and "another" not in hashed:
        another = threading.Thread(target=uses, args=["another"])
        another.start()
        another.join()

sys.settrace(overtakes)
uses("one")
"""


def test_a_first_use_may_be_overtaken_by_another_threads_first_use():
    program = [sys.executable, "-c", OVERTAKEN_AT_THE_FIRST_USE]
    ran = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
