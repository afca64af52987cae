"""Settings of translation: what they must be, and whom they name."""

import pytest
from pydantic import ValidationError

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.bootstrap.translation import provider_of
from multiproduct.domain.translation import LOCALES
from multiproduct.settings import Settings

URL = "https://translate.example.com/api"


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, database_url="memory://", **given)


def test_nobody_translates_unless_somebody_is_named():
    assert provider_of(settings(), Httpx2WebClient()) is None
    assert settings().translation_patience_ms == 15


def test_a_service_is_named_with_its_address():
    named = settings(translation_provider="libretranslate", translation_url=URL, translation_model="1.9")
    provider = provider_of(named, Httpx2WebClient())
    assert provider is not None
    assert provider.name == "libretranslate:translate.example.com:1.9"
    with pytest.raises(ValidationError, match="TRANSLATION_PROVIDER=libretranslate"):
        settings(translation_provider="libretranslate")


def test_phrases_come_from_a_file_or_from_the_demonstration(tmp_path):
    own = tmp_path / "phrases.json"
    own.write_text('{"es": {"Gold": "Oro"}}', encoding="utf-8")
    names = {
        provider.name
        for given in ({}, {"translation_phrases": str(own)})
        if (provider := provider_of(settings(translation_provider="glossary", **given), Httpx2WebClient()))
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"translation_provider": "deepl"},
        {"translation_url": "http://translate.example.com"},
        {"translation_url": "https://user:secret@translate.example.com"},
        {"translation_languages": "zh-Hant"},
        {"translation_source": "xx"},
        {"translation_patience_ms": -1},
        {"translation_patience_ms": 2_001},
        {"translation_timeout_seconds": 0},
        {"translation_timeout_seconds": 61},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError) as refused:
        settings(**wrong)
    assert "secret" not in str(refused.value)


def test_the_key_is_shown_nowhere():
    given = settings(
        translation_provider="libretranslate", translation_url=URL, translation_key="a-secret-key"
    )
    provider = provider_of(given, Httpx2WebClient())
    assert (
        "a-secret-key"
        not in f"{given!r} {given.model_dump()} {provider!r} {provider.name if provider else ''}"
    )


def test_the_language_of_texts_is_written_as_usual():
    assert settings(translation_source="ZH_hant").translation_source == "zh-Hant"


def test_there_is_a_catalogue_for_every_language():
    assert tuple(BabelTranslator().locales) == LOCALES
