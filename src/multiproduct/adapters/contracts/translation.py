"""What every store of human translations and glossaries must do: one for a place, found by it at once."""

from datetime import datetime

import pytest

from multiproduct.adapters.contracts.builders import MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation import TranslationFilter
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.translation import GlossaryTerm, HumanTranslation, TextPlace

RIVALS = 10


def a_place(text: str = "Gold", *, field: str = "catalog.plan.name", target: str = "es") -> TextPlace:
    """A text of a plan, into Spanish."""
    return TextPlace(field=field, source_language="en", target_language=target, source_text=text)


def a_translation(place: TextPlace, text: str = "Oro", *, now: datetime = NOW) -> HumanTranslation:
    """A new one."""
    return HumanTranslation.write(id=a_uuid(), place=place, text=text, author_id=a_user_id(), now=now)


def a_term(term: str, wording: str | None = None, *, target: str = "es") -> GlossaryTerm:
    """A new one."""
    return GlossaryTerm.set(
        id=a_uuid(), source_language="en", target_language=target, term=term, wording=wording,
        author_id=None, now=NOW,
    )  # fmt: skip


class HumanTranslationsContract:
    """Needs the fixture `units`."""

    async def test_one_is_found_by_its_place_and_by_its_id(self, units: Units[StoreUnit]) -> None:
        kept = a_translation(a_place(UNUSUAL_TEXT), UNUSUAL_TEXT)
        await _add(units, kept)
        found = await _at(units, kept.place)
        assert found == [kept]
        by_id = await in_view(units, lambda unit: unit.human_translations.find(kept.id))
        assert by_id == kept
        assert by_id is not None
        assert (by_id.text, by_id.author_id, by_id.created_at) == (UNUSUAL_TEXT, kept.author_id, NOW)

    async def test_another_text_field_or_language_is_another_place(self, units: Units[StoreUnit]) -> None:
        await _add(units, a_translation(a_place()))
        for place in (a_place("Silver"), a_place(field="catalog.product.name"), a_place(target="fa")):
            assert await _at(units, place) == []

    async def test_many_places_are_asked_at_once(self, units: Units[StoreUnit]) -> None:
        kept = [a_translation(a_place(f"Plan {n}"), f"Plan {n} es") for n in range(150)]
        await _add(units, *kept)
        found = await _at(units, *(each.place for each in kept), a_place("unknown"))
        assert sorted(each.text for each in found) == sorted(each.text for each in kept)
        assert await _at(units) == []

    async def test_there_is_one_for_a_place(self, units: Units[StoreUnit]) -> None:
        await _add(units, a_translation(a_place()))
        with pytest.raises(StaleAggregate):
            await _add(units, a_translation(a_place(), "Dorado"))
        assert [each.text for each in await _at(units, a_place())] == ["Oro"]

    async def test_of_those_who_write_a_place_at_once_each_finds_the_one_before(
        self, units: Units[StoreUnit]
    ) -> None:
        async def write(unit: StoreUnit) -> None:
            found = await unit.human_translations.at([a_place().fingerprint])
            if found:
                found[0].rewrite(f"{found[0].text}+", by=None, now=NOW)
                await unit.human_translations.save(found[0])
            else:
                await unit.human_translations.add(a_translation(a_place()))
            await unit.commit()

        await race(units, RIVALS, write)
        assert [each.text for each in await _at(units, a_place())] == ["Oro" + "+" * (RIVALS - 1)]

    async def test_one_that_is_stale_is_not_written(self, units: Units[StoreUnit]) -> None:
        await _add(units, a_translation(a_place()))
        first, second = (await _at(units, a_place()))[0], (await _at(units, a_place()))[0]
        first.rewrite("Dorado", by=first.author_id, now=NOW + MINUTE)
        await in_one_unit(units, lambda unit: unit.human_translations.save(first))
        second.rewrite("Áureo", by=None, now=NOW)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.human_translations.save(second))
        found = (await _at(units, a_place()))[0]
        assert (found.text, found.updated_at, found.created_at) == ("Dorado", NOW + MINUTE, NOW)

    async def test_one_that_is_removed_is_gone_and_its_place_free(self, units: Units[StoreUnit]) -> None:
        kept = a_translation(a_place())
        await _add(units, kept)
        kept.removed(now=NOW)
        await in_one_unit(units, lambda unit: unit.human_translations.remove(kept))
        assert await _at(units, a_place()) == []
        await _add(units, a_translation(a_place(), "Dorado"))
        assert [each.text for each in await _at(units, a_place())] == ["Dorado"]

    async def test_nothing_is_kept_of_a_unit_that_is_not_committed(self, units: Units[StoreUnit]) -> None:
        async with units.open(ANYBODY) as unit:
            await unit.human_translations.add(a_translation(a_place()))
        assert await _at(units, a_place()) == []

    async def test_pages_go_by_id_and_are_narrowed(self, units: Units[StoreUnit]) -> None:
        spanish = [a_translation(a_place(f"Plan {n}")) for n in range(5)]
        persian = [a_translation(a_place("Plan 1", target="fa", field="catalog.product.name"))]
        await _add(units, *spanish, *persian)
        every = sorted([*spanish, *persian], key=lambda each: each.id)
        assert await _page(units, TranslationFilter()) == every
        assert await _page(units, TranslationFilter(target_language="fa")) == persian
        assert await _page(units, TranslationFilter(field="catalog.product.name")) == persian
        wanted = TranslationFilter(target_language="es", field="catalog.plan.name")
        in_order = sorted(spanish, key=lambda each: each.id)
        first = await in_view(units, lambda unit: unit.human_translations.page(wanted, after=None, limit=2))
        assert list(first) == in_order[:2]
        rest = await in_view(
            units, lambda unit: unit.human_translations.page(wanted, after=first[-1].id, limit=9)
        )
        assert list(rest) == in_order[2:]


class GlossaryTermsContract:
    """Needs the fixture `units`."""

    async def test_terms_are_found_by_their_languages_in_their_order(self, units: Units[StoreUnit]) -> None:
        kept = [a_term("Zebra", "Cebra"), a_term("apple"), a_term(UNUSUAL_TEXT[:50], "x")]
        await _add_terms(units, *kept, a_term("apple", "سیب", target="fa"))
        found = await _terms(units)
        assert found == sorted(kept, key=lambda each: each.key)
        assert {each.term: each.wording for each in found}["apple"] is None
        one = await in_view(units, lambda unit: unit.glossary_terms.find(kept[0].id))
        assert one == kept[0]

    async def test_a_term_is_there_once_however_it_is_written(self, units: Units[StoreUnit]) -> None:
        await _add_terms(units, a_term("Deal Room", "sala"))
        with pytest.raises(StaleAggregate):
            await _add_terms(units, a_term("deal  ROOM", "otra"))
        assert [each.wording for each in await _terms(units)] == ["sala"]

    async def test_a_term_is_reworded_unless_it_is_stale(self, units: Units[StoreUnit]) -> None:
        await _add_terms(units, a_term("deal", "trato"))
        first, second = (await _terms(units))[0], (await _terms(units))[0]
        first.reword(None, by=None, now=NOW + MINUTE)
        await in_one_unit(units, lambda unit: unit.glossary_terms.save(first))
        second.reword("negocio", by=None, now=NOW)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.glossary_terms.save(second))
        assert [(each.wording, each.updated_at) for each in await _terms(units)] == [(None, NOW + MINUTE)]

    async def test_a_term_that_is_removed_is_gone(self, units: Units[StoreUnit]) -> None:
        kept = a_term("deal", "trato")
        await _add_terms(units, kept)
        kept.removed(now=NOW)
        await in_one_unit(units, lambda unit: unit.glossary_terms.remove(kept))
        assert await _terms(units) == []

    async def test_no_more_are_read_than_asked_for(self, units: Units[StoreUnit]) -> None:
        await _add_terms(units, *(a_term(f"term {n}") for n in range(5)))
        found = await in_view(units, lambda unit: unit.glossary_terms.of_languages("en", "es", limit=3))
        assert [each.term for each in found] == ["term 0", "term 1", "term 2"]


async def _add(units: Units[StoreUnit], *translations: HumanTranslation) -> None:
    async def body(unit: StoreUnit) -> None:
        for each in translations:
            await unit.human_translations.add(each)

    await in_one_unit(units, body)


async def _at(units: Units[StoreUnit], *places: TextPlace) -> list[HumanTranslation]:
    prints = [each.fingerprint for each in places]
    return list(await in_view(units, lambda unit: unit.human_translations.at(prints)))


async def _page(units: Units[StoreUnit], wanted: TranslationFilter) -> list[HumanTranslation]:
    return list(
        await in_view(units, lambda unit: unit.human_translations.page(wanted, after=None, limit=100))
    )


async def _add_terms(units: Units[StoreUnit], *terms: GlossaryTerm) -> None:
    async def body(unit: StoreUnit) -> None:
        for each in terms:
            await unit.glossary_terms.add(each)

    await in_one_unit(units, body)


async def _terms(units: Units[StoreUnit]) -> list[GlossaryTerm]:
    return list(await in_view(units, lambda unit: unit.glossary_terms.of_languages("en", "es", limit=1_000)))
