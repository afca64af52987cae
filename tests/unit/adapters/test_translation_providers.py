"""Providers of translations: LibreTranslate's API over real HTTP, and a file of phrases."""

import json
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.servers.libretranslate import Service, libretranslate, told
from tests.servers.web import Answered

from multiproduct.adapters.contracts.translation_provider import TranslationProviderContract, a_batch
from multiproduct.adapters.glossary import GlossaryProvider, read_phrases
from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.adapters.libretranslate import LibreTranslateProvider, read_language_names
from multiproduct.application.translation import Batch, ProviderFailed
from multiproduct.domain.translation import LOCALES

KEY = "a-key-that-nobody-may-see"


@pytest.fixture
def service() -> Iterator[Service]:
    with libretranslate() as running:
        yield running


@pytest.fixture
async def web() -> AsyncIterator[Httpx2WebClient]:
    client = Httpx2WebClient()
    yield client
    await client.close()


class TestLibreTranslate(TranslationProviderContract):
    @pytest.fixture
    def provider(self, service: Service, web: Httpx2WebClient) -> LibreTranslateProvider:
        return LibreTranslateProvider(
            web=web, url=f"{service.url}/", key=KEY, model="1.9", languages={"zh-Hant": "zt"}, timeout=5
        )

    async def test_it_asks_as_the_documentation_has_it(
        self, provider: LibreTranslateProvider, service: Service
    ) -> None:
        await provider.translate(
            Batch(source_language="en", target_language="zh-Hant", format="html", texts=("Gold", "ಚಿನ್ನ"))
        )
        assert service.asked == [
            {"q": ["Gold", "ಚಿನ್ನ"], "source": "en", "target": "zt", "format": "html", "api_key": KEY}
        ]
        assert service.headers[0]["content-type"] == "application/json"

    @pytest.mark.parametrize(
        "answered",
        [
            *(Answered(status, b"secret") for status in (400, 403, 429, 500, 503, 302)),
            Answered(200, b""),
            Answered(200, b"<html>"),
            Answered(200, b"\xff\xfe"),
            Answered(200, b"[" * 100_000),
            Answered(200, b'{"translatedText": "Oro"}'),
            Answered(200, b'{"translatedText": [["Oro"]]}'),
            Answered(200, b'{"translatedText": [7]}'),
            Answered(200, b'{"error": "secret"}'),
            Answered(200, b"null"),
            Answered(200, b'["Oro"]'),
            Answered(writes=lambda write: [write(b"x" * 100_000) for _ in range(100)] and None),
            Answered(headers={"content-length": "500"}, writes=lambda write: write(b"{") and None),
            Answered(200, b"x", {"content-encoding": "gzip"}),
        ],
    )
    async def test_whatever_else_it_answers_is_a_failure(
        self,
        provider: LibreTranslateProvider,
        service: Service,
        answered: Answered,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        service.rule = lambda _: answered
        with caplog.at_level(logging.DEBUG), pytest.raises(ProviderFailed) as failed:
            await provider.translate(a_batch("a very private text"))
        for words in (str(failed.value), caplog.text, repr(a_batch("a very private text"))):
            assert KEY not in words
            assert "private" not in words
            assert "secret" not in words

    async def test_a_service_that_is_not_there_is_a_failure(self, web: Httpx2WebClient) -> None:
        provider = LibreTranslateProvider(web=web, url="http://127.0.0.1:1", timeout=5)
        with pytest.raises(ProviderFailed):
            await provider.translate(a_batch("Gold"))

    async def test_another_number_of_texts_is_for_others_to_find_out(
        self, provider: LibreTranslateProvider, service: Service
    ) -> None:
        service.rule = lambda _: told(["Oro", None])
        assert list(await provider.translate(a_batch("Gold"))) == ["Oro", None]

    async def test_its_name_tells_the_service_and_the_model_and_no_key(
        self, provider: LibreTranslateProvider, web: Httpx2WebClient
    ) -> None:
        assert provider.name == "libretranslate:127.0.0.1:1.9"
        assert LibreTranslateProvider(web=web, url="https://lt.example", model="2").name != provider.name


class TestGlossary(TranslationProviderContract):
    @pytest.fixture
    def provider(self) -> GlossaryProvider:
        return GlossaryProvider(phrases={"es": {"Gold": "Oro", "Silver": "Plata", "Gold plan": "Plan oro"}})

    async def test_what_it_does_not_know_it_has_no_translation_of(self, provider: GlossaryProvider) -> None:
        assert await provider.translate(a_batch("Bronze", "Golden", "gold")) == [None] * 3
        assert await provider.translate(a_batch("Gold", target="kn")) == [None]

    async def test_the_longest_phrase_counts(self, provider: GlossaryProvider) -> None:
        assert await provider.translate(a_batch("The Gold plan, or Silver")) == ["The Plan oro, or Plata"]

    def test_other_phrases_have_another_name(self, provider: GlossaryProvider) -> None:
        assert GlossaryProvider(phrases={"es": {"Gold": "Dorado"}}).name != provider.name


def test_the_demonstration_is_there_in_every_language_but_its_own():
    phrases = read_phrases(None)
    assert set(phrases) == set(LOCALES) - {"en"}
    assert len({frozenset(known) for known in phrases.values()}) == 1


def test_a_file_of_phrases_is_read_and_checked(tmp_path):
    path = tmp_path / "phrases.json"
    path.write_text('{"es": {"Gold": "Oro"}}', encoding="utf-8")
    assert read_phrases(path) == {"es": {"Gold": "Oro"}}
    for wrong in ("[]", '{"es": []}', '{"es": {"Gold": 7}}', '{"es": {"": "x"}}', "no json"):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(ValueError):  # noqa: PT011 - the JSON reader's own among them
            read_phrases(path)
    path.write_text(json.dumps({"es": {"Gold": "x" * 5_000_001}}), encoding="utf-8")
    with pytest.raises(ValueError, match="at most"):
        read_phrases(path)


def test_names_of_languages_are_read():
    assert read_language_names(" zh-Hant = zt , es=es-419,") == {"zh-Hant": "zt", "es": "es-419"}
    for wrong in ("zh-Hant", "=zt", "es="):
        with pytest.raises(ValueError, match="zh-Hant=zt"):
            read_language_names(wrong)
