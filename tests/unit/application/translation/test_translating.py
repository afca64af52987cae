"""Translating results: what is marked and nothing else, by people before machines, once per text."""

import asyncio
from typing import Annotated

import pytest
from pydantic import BaseModel
from tests.unit.application.translation.house import (
    EditedThing,
    Holder,
    House,
    Letter,
    Scripted,
    Size,
    Thing,
)

from multiproduct.application.caller import SYSTEM
from multiproduct.application.translation import ListTranslations, Translatable, marks_of
from multiproduct.application.translation.translating import MOST_TEXTS
from multiproduct.domain.shared import Unavailable


class Tree(BaseModel):
    name: Annotated[str, Translatable("test.tree.name")]
    branches: list["Tree"] = []


@pytest.fixture
def house() -> House:
    return House(Scripted())


async def test_marked_texts_are_translated_wherever_they_are_and_nothing_else_is(house: House) -> None:
    thing = Thing(
        name="Gold",
        tags=["Fast", "Gold"],
        note="Best of all",
        sizes=[Size(label="Large"), Size(label="Small")],
        best=Size(label="Large"),
        by_name={"Large": Size(label="Large")},
    )
    shown = await house.show(thing)
    assert not shown.is_partial
    assert shown.result == Thing(
        name="Gold (es)",
        tags=["Fast (es)", "Gold (es)"],
        note="Best of all (es)",
        sizes=[Size(label="Large (es)"), Size(label="Small (es)")],
        best=Size(label="Large (es)"),
        by_name={"Large": Size(label="Large (es)")},
    )
    assert thing.name == "Gold"
    # The same text in two fields is two texts: a name may be worded otherwise than a tag.
    assert sorted(house.provider.asked) == ["Best of all", "Fast", "Gold", "Gold", "Large", "Small"]


async def test_what_is_shown_to_those_who_edit_is_as_it_was_written(house: House) -> None:
    edited = EditedThing(name="Gold", sizes=[Size(label="Large")])
    assert (await house.show(edited)).result is edited
    held = Holder(thing=Thing(name="Gold"), edited=edited)
    shown = (await house.show(held)).result
    assert shown.thing.name == "Gold (es)"
    assert shown.edited is edited
    assert shown.untouched is held.untouched


async def test_the_language_that_texts_are_written_in_is_nobodys_work(house: House) -> None:
    thing = Thing(name="Gold")
    assert (await house.show(thing, "en")).result is thing
    assert house.provider.asked == []


async def test_a_text_may_say_which_language_it_is_in(house: House) -> None:
    letter = Letter(title="Hola", locale="es")
    assert (await house.show(letter, "es")).result is letter
    assert (await house.show(letter, "en")).result.title == "Hola (en)"
    assert [(each.source_language, each.target_language) for each in house.provider.batches] == [("es", "en")]


async def test_a_person_goes_before_a_machine(house: House) -> None:
    assert await house.name_of("Gold") == "Gold (es)"
    await house.say("Gold", "Oro")
    assert await house.name_of("Gold") == "Oro"
    assert await house.name_of("Gold", "fa") == "Gold (fa)"
    await house.say("Gold", "Dorado")
    assert await house.name_of("Gold") == "Dorado"


async def test_a_person_translates_one_field_and_exactly_one_text(house: House) -> None:
    await house.say("Gold", "Oro", field="test.thing.tag")
    shown = (await house.show(Thing(name="Gold", tags=["Gold", "gold"]))).result
    assert (shown.name, shown.tags) == ("Gold (es)", ["Oro", "gold (es)"])


async def test_what_a_person_takes_back_is_said_by_the_machine_again(house: House) -> None:
    await house.say("Gold", "Oro")
    assert await house.name_of("Gold") == "Oro"
    [kept] = (await house.translation.texts.find(ListTranslations(), SYSTEM)).items
    await house.translation.texts.remove(kept.id, SYSTEM)
    assert await house.name_of("Gold") == "Gold (es)"


async def test_without_a_provider_people_are_heard_all_the_same() -> None:
    house = House(None)
    await house.say("Gold", "Oro")
    shown = await house.show(Thing(name="Gold", tags=["Fast"]))
    assert (shown.result.name, shown.result.tags, shown.is_partial) == ("Oro", ["Fast"], False)


async def test_a_text_is_asked_once_and_then_remembered(house: House) -> None:
    for _ in range(3):
        assert await house.name_of("Gold") == "Gold (es)"
    assert house.provider.asked == ["Gold"]
    other = await house.another_process()
    shown = await other.result(Thing(name="Gold"), locale="es", patience=0)
    assert (shown.result.name, house.provider.asked) == ("Gold (es)", ["Gold"])


async def test_all_that_is_missing_goes_to_the_shared_cache_in_one_trip(house: House) -> None:
    trips: list[int] = []
    shared = house.container.shared.cache
    plain = shared.get_many

    async def counted(keys):
        if any(key.startswith("translation:") for key in keys):
            trips.append(len(keys))
        return await plain(keys)

    house.translating._cache._shared.get_many = counted
    thing = Thing(name="Gold", tags=[f"tag {n}" for n in range(99)])
    await house.show(thing)
    assert trips == [100]
    await house.show(thing)
    assert trips == [100]


async def test_whoever_asks_for_the_same_at_once_shares_one_call() -> None:
    gate = asyncio.Event()

    async def wait(batch):
        await gate.wait()
        return [f"{text}!" for text in batch.texts]

    house = House(Scripted(wait))
    asking = [asyncio.create_task(house.name_of("Gold")) for _ in range(50)]
    while not house.provider.batches:
        await asyncio.sleep(0)
    asking += [asyncio.create_task(house.name_of("Gold")) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    assert set(await asyncio.gather(*asking)) == {"Gold!"}
    assert house.provider.asked == ["Gold"]


async def test_whoever_goes_away_takes_nobody_with_them() -> None:
    gate = asyncio.Event()

    async def wait(batch):
        await gate.wait()
        return [f"{text}!" for text in batch.texts]

    house = House(Scripted(wait))
    leaving, staying = (asyncio.create_task(house.name_of("Gold")) for _ in range(2))
    while not house.provider.batches:
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    gate.set()
    assert await staying == "Gold!"


async def test_an_edited_text_is_another_text(house: House) -> None:
    assert await house.name_of("Gold") == "Gold (es)"
    assert await house.name_of("Gold plus") == "Gold plus (es)"
    assert house.provider.asked == ["Gold", "Gold plus"]


async def test_another_model_or_glossary_has_everything_translated_anew(house: House) -> None:
    await house.name_of("Gold deal")
    house.provider.name = "scripted:2"
    await house.name_of("Gold deal")
    await house.decide("deal", "negocio")
    assert await house.name_of("Gold deal") == "Gold negocio (es)"
    assert house.provider.asked == ["Gold deal", "Gold deal", 'Gold <x id="0"></x>']


async def test_the_brand_stays_what_it_is(house: House) -> None:
    assert await house.name_of("STARK plans") == "STARK plans (es)"
    assert house.provider.asked == ['<x id="0"></x> plans']
    assert await house.name_of("STARK") == "STARK"
    assert len(house.provider.asked) == 1


async def test_a_glossary_goes_before_what_stays_as_it_is_everywhere(house: House) -> None:
    await house.decide("Stark", "史塔克", to="zh-Hant")
    assert await house.name_of("STARK", "zh-Hant") == "史塔克"
    assert await house.name_of("STARK", "es") == "STARK"


async def test_texts_without_words_are_nobodys_work(house: House) -> None:
    for text in ("", "   ", "{name}", "19.99 USD", "--- 100 ---", "https://stark.example/"):
        assert await house.name_of(text) == text
    assert house.provider.asked == []


async def test_a_value_of_another_text_under_the_same_key_is_no_translation(house: House) -> None:
    await house.name_of("Gold")
    await house.filling.settle()
    shared = house.container.shared.cache
    [name] = [key for key in shared._entries if key.startswith("translation:")]
    forged = (await shared.get_many([name]))[name].replace(b"[1, 4,", b"[1, 5,")
    other = await house.another_process()
    for value in (forged, b"no json", b"[1]", b"{}", b"null", b'[9, 4, "x", "y", "z"]', b"\xff"):
        await shared.set_many({name: value}, 60)
        shown = await other.result(Thing(name="Gold"), locale="es", patience=0)
        assert shown.result.name == "Gold"


async def test_where_people_cannot_be_asked_no_machine_goes_before_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(caller):
        raise Unavailable(what="database")

    monkeypatch.setattr(house.container.units, "view", away)
    shown = await house.show(Thing(name="Gold"))
    assert (shown.result.name, shown.is_partial, house.provider.asked) == ("Gold", True, [])
    monkeypatch.undo()
    assert await house.name_of("Gold") == "Gold (es)"


async def test_there_are_bounds_to_what_one_answer_has_translated(house: House) -> None:
    thing = Thing(name="Gold", tags=[f"tag {n}" for n in range(MOST_TEXTS + 10)])
    shown = await house.show(thing)
    assert shown.is_partial
    assert sum(tag.endswith("(es)") for tag in shown.result.tags) == MOST_TEXTS - 1
    assert max(len(batch.texts) for batch in house.provider.batches) == 50
    long = Thing(name="Gold", tags=[f"{n} " + "word " * 800 for n in range(20)])
    await house.show(long)
    assert max(sum(len(text) for text in batch.texts) for batch in house.provider.batches) <= 20_000


def test_only_text_can_be_marked() -> None:
    class Wrong(BaseModel):
        price: Annotated[int, Translatable("test.thing.price")]

    class Lost(BaseModel):
        name: Annotated[str, Translatable("test.thing.name", written_in="language")]

    for model in (Wrong, Lost):
        with pytest.raises(TypeError):
            marks_of(model)
    for field in ("name", "a.b", "A.b.c", "a.b.c.d", ""):
        with pytest.raises(ValueError, match="a field is"):
            Translatable(field)


def test_a_model_that_holds_itself_has_its_marks() -> None:
    marks = marks_of(Tree)
    assert (list(marks.own), marks.inner) == (["name"], ("branches",))


async def test_a_model_that_holds_itself_is_translated_at_every_depth(house: House) -> None:
    tree = Tree(name="Root", branches=[Tree(name="Branch", branches=[Tree(name="Leaf")])])
    shown = (await house.show(tree)).result
    assert shown.branches[0].branches[0].name == "Leaf (es)"
