"""What every provider of translations must do: one answer for each text, in their order."""

import asyncio

import pytest

from multiproduct.adapters.contracts.builders import UNUSUAL_TEXT
from multiproduct.application.translation import Batch, TranslationProvider
from multiproduct.domain.translation import Glossary, protect


def a_batch(*texts: str, target: str = "es") -> Batch:
    """Plain texts from English."""
    return Batch(source_language="en", target_language=target, format="text", texts=texts)


class TranslationProviderContract:
    """Needs the fixture `provider`, which knows `Gold` and `Silver` in Spanish (`Oro`, `Plata`)."""

    async def test_texts_are_translated_in_their_order(self, provider: TranslationProvider) -> None:
        assert list(await provider.translate(a_batch("Silver", "Gold", "Silver"))) == [
            "Plata",
            "Oro",
            "Plata",
        ]

    @pytest.mark.parametrize("text", [UNUSUAL_TEXT, "\x00", "\ud800", '"', "\\", "{", "x" * 5_000, "<b>"])
    async def test_any_text_has_its_place(self, provider: TranslationProvider, text: str) -> None:
        answers = list(await provider.translate(a_batch("Gold", text, "Silver")))
        assert len(answers) == 3
        assert (answers[0], answers[2]) == ("Oro", "Plata")
        assert isinstance(answers[1], str | None)

    async def test_fifty_texts_are_one_call(self, provider: TranslationProvider) -> None:
        assert list(await provider.translate(a_batch(*["Gold"] * 50))) == ["Oro"] * 50

    async def test_opaque_tags_stay_where_the_format_is_html(self, provider: TranslationProvider) -> None:
        protected = protect("Gold & {place} <b>Silver</b>", Glossary())
        batch = Batch(
            source_language="en", target_language="es", format=protected.format, texts=(protected.sent,)
        )
        [answer] = await provider.translate(batch)
        assert answer is not None
        assert protected.restored(answer) == "Oro & {place} <b>Plata</b>"

    async def test_calls_at_the_same_time_do_not_disturb_one_another(
        self, provider: TranslationProvider
    ) -> None:
        words = ["Gold", "Silver"] * 2
        answers = await asyncio.gather(*(provider.translate(a_batch(word)) for word in words))
        assert [list(each) for each in answers] == [["Oro"], ["Plata"]] * 2

    async def test_its_name_stays_the_same(self, provider: TranslationProvider) -> None:
        assert provider.name == provider.name
        assert provider.name.isprintable()
