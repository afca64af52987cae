"""Providers that fail, hang, lie and attack: the original is shown, and nobody waits longer than they say."""

import asyncio
import logging

import pytest
from tests.unit.application.translation.house import House, Scripted, StillLoop, Thing, fail, hang, shout

from multiproduct.application.translation.filling import MOST_OPEN, REFUSED_SECONDS
from multiproduct.domain.translation.breaker import FAILURES, FIRST_PAUSE


@pytest.fixture(scope="module", params=[pytest.param(("asyncio", {"loop_factory": StillLoop}), id="still")])
def anyio_backend(request):
    return request.param


def seconds() -> float:
    """How many went by on this loop: none that anybody had to wait for."""
    return asyncio.get_running_loop().time()


async def test_a_provider_that_hangs_is_waited_for_as_long_as_one_says_and_no_longer() -> None:
    house = House(Scripted(hang))
    started = seconds()
    shown = await house.show(Thing(name="Gold", tags=["Fast"] * 50), patience=0.015)
    assert (shown.result.name, shown.is_partial) == ("Gold", True)
    assert seconds() - started == pytest.approx(0.015)
    started = seconds()
    for _ in range(20):
        assert (await house.show(Thing(name="Gold"), patience=0)).is_partial
    assert seconds() == started
    await house.filling.stop()


async def test_a_provider_that_is_down_takes_nobodys_time() -> None:
    house = House(Scripted(fail))
    started = seconds()
    for _ in range(20):
        shown = await house.show(Thing(name="Gold"), patience=0.015)
        assert (shown.result.name, shown.is_partial) == ("Gold", True)
    assert seconds() == started


async def test_what_is_late_is_there_for_the_next_one() -> None:
    async def slow(batch):
        await asyncio.sleep(0.5)
        return await shout(batch)

    house = House(Scripted(slow))
    assert (await house.show(Thing(name="Gold"), patience=0.015)).is_partial
    assert (await house.show(Thing(name="Gold"), patience=0.015)).is_partial
    await house.filling.settle()
    shown = await house.show(Thing(name="Gold"), patience=0)
    assert (shown.result.name, shown.is_partial) == ("Gold (es)", False)
    assert house.provider.asked == ["Gold"]


async def test_a_call_has_an_end() -> None:
    house = House(Scripted(hang), translation_timeout_seconds=3)
    started = seconds()
    await house.show(Thing(name="Gold"), patience=0)
    await house.filling.settle()
    assert seconds() - started == pytest.approx(3)
    assert (await house.show(Thing(name="Gold"), patience=0)).is_partial


async def test_who_is_down_is_left_alone_for_a_while_and_then_asked_once() -> None:
    house = House(Scripted(fail))
    for n in range(FAILURES + 10):
        await house.show(Thing(name=f"Plan {n}"))
    assert house.filling.calls == FAILURES
    house.time.advance(FIRST_PAUSE)
    await house.show(Thing(name="Gold"))
    assert house.filling.calls == FAILURES + 1
    house.time.advance(2 * FIRST_PAUSE)
    house.provider.rule = shout
    assert await house.name_of("Gold") == "Gold (es)"
    assert await house.name_of("Silver") == "Silver (es)"


async def test_languages_that_fail_do_not_keep_others_from_being_translated() -> None:
    async def only_spanish(batch):
        return await (shout(batch) if batch.target_language == "es" else fail(batch))

    house = House(Scripted(only_spanish))
    for n in range(FAILURES + 2):
        assert await house.name_of(f"Plan {n}", "kn") == f"Plan {n}"
    assert await house.name_of("Gold", "es") == "Gold (es)"


async def test_failures_are_kept_nowhere() -> None:
    house = House(Scripted(fail))
    await house.show(Thing(name="Gold", tags=["Fast"]))
    await house.filling.settle()
    assert not [key for key in house.container.shared.cache._entries if key.startswith("translation:")]
    house.provider.rule = shout
    assert await house.name_of("Gold") == "Gold (es)"


LIES = {
    "too few": lambda texts: list(texts[:-1]),
    "too many": lambda texts: [*texts, "more"],
    "none": lambda texts: [],
    "empty": lambda texts: ["" for _ in texts],
    "nothing known": lambda texts: [None for _ in texts],
    "markup": lambda texts: [f"{text}<script>alert(1)</script>" for text in texts],
    "hidden markup": lambda texts: [f"{text}&lt;img src=x onerror=alert(1)&gt;" for text in texts],
    "lost places": lambda texts: ["hola" for _ in texts],
    "numbers": lambda texts: [7 for _ in texts],
    "bytes": lambda texts: [b"hola" for _ in texts],
    "an endless one": lambda texts: ["a" * 1_000_000 for _ in texts],
    "steering": lambda texts: [f"\u202e{text}" for text in texts],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_provider_that_lies_is_not_believed(lie) -> None:
    async def lying(batch):
        return lie(batch.texts)

    house = House(Scripted(lying))
    thing = Thing(name="Hello {name}", tags=["<b>Fast</b> plans", "Only {price}!"])
    for _ in range(3):
        shown = await house.show(thing)
        assert (shown.result, shown.is_partial) == (thing, True)
    await house.filling.settle()
    assert not [key for key in house.container.shared.cache._entries if key.startswith("translation:")]


async def test_a_provider_that_breaks_takes_no_answer_with_it() -> None:
    async def breaking(batch):
        raise ZeroDivisionError("secret text")

    house = House(Scripted(breaking))
    assert await house.name_of("Gold") == "Gold"


async def test_nothing_of_a_text_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def breaking(batch):
        raise ZeroDivisionError(batch.texts[0])

    async def injecting(batch):
        return [f"{text}<script>" for text in batch.texts]

    with caplog.at_level(logging.DEBUG):
        for rule in (breaking, injecting, fail):
            await House(Scripted(rule)).name_of("Very private words")
    assert "private" not in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_one_bad_answer_spoils_no_other_of_its_batch() -> None:
    async def half(batch):
        return [f"{text}!" if "good" in text else "<b>" for text in batch.texts]

    house = House(Scripted(half))
    shown = await house.show(Thing(name="good one", tags=["bad one", "good two"]))
    assert shown.is_partial
    assert (shown.result.name, shown.result.tags) == ("good one!", ["bad one", "good two!"])


async def test_a_text_that_was_refused_is_not_asked_again_for_a_while() -> None:
    async def half(batch):
        return [f"{text}!" if "good" in text else None for text in batch.texts]

    house = House(Scripted(half))
    for _ in range(5):
        await house.show(Thing(name="good one", tags=["bad one"]))
    assert house.provider.asked == ["good one", "bad one"]
    house.time.advance(REFUSED_SECONDS)
    await house.show(Thing(name="good one", tags=["bad one"]))
    assert house.provider.asked == ["good one", "bad one", "bad one"]


async def test_who_never_says_anything_that_can_be_shown_is_as_good_as_away() -> None:
    async def injecting(batch):
        return [f"{text}<script>" for text in batch.texts]

    house = House(Scripted(injecting))
    for n in range(FAILURES + 10):
        await house.show(Thing(name=f"Plan {n}"))
    assert house.filling.calls == FAILURES


async def test_a_few_calls_are_made_at_a_time() -> None:
    under_way, most = 0, 0

    async def counted(batch):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.1)
        under_way -= 1
        return await shout(batch)

    house = House(Scripted(counted))
    await house.show(Thing(name="Gold", tags=[f"tag {n}" for n in range(1_000)]), patience=60)
    assert (most, under_way) == (4, 0)


async def test_no_more_waits_for_a_provider_than_there_is_room_for() -> None:
    house = House(Scripted(hang))
    for n in range(3):
        await house.show(Thing(name="Gold", tags=[f"tag {n} {m}" for m in range(1_500)]), patience=0)
    assert len(house.filling._open) == MOST_OPEN
    await house.filling.stop()
    assert not house.filling._open


async def test_after_it_was_stopped_nobody_waits_for_what_does_not_come() -> None:
    house = House(Scripted(hang))
    waiting = asyncio.create_task(house.show(Thing(name="Gold"), patience=3_600))
    while not house.provider.batches:
        await asyncio.sleep(0)
    started = seconds()
    await house.filling.stop()
    assert (await waiting).is_partial
    assert seconds() == started


async def test_while_long_texts_are_looked_through_others_have_their_turns() -> None:
    turns, before_call = 0, []

    async def counted(batch):
        before_call.append(turns)
        return await shout(batch)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    house = House(Scripted(counted))
    serving = asyncio.create_task(others())
    await house.show(Thing(name="Gold", tags=[f"{n} " + "word " * 900 for n in range(60)]), patience=60)
    serving.cancel()
    assert before_call[0] >= 55


def test_what_an_ended_loop_left_behind_is_asked_for_again_on_the_next() -> None:
    house = House(Scripted())

    async def shown(patience: float) -> str:
        return (await house.show(Thing(name="Gold"), patience=patience)).result.name

    assert asyncio.run(shown(0)) == "Gold", "the loop ends before anything comes of it"
    assert asyncio.run(shown(10)) == "Gold (es)"
