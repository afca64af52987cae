"""The catalogues, and the translator over them."""

import re
import subprocess
import sys

import pytest

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.catalogue import read_catalogue
from multiproduct.adapters.contracts.translator import TranslatorContract

TRANSLATOR = BabelTranslator()


def catalogue(locale):
    return TRANSLATOR._catalogue(locale)


class TestBabelTranslator(TranslatorContract):
    @pytest.fixture
    def translator(self):
        return BabelTranslator()


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_every_catalogue_has_the_keys_and_places_of_the_english_one(locale):
    english, other = catalogue("en").messages, catalogue(locale).messages
    assert other.keys() == english.keys()
    assert {key: message.places for key, message in other.items()} == {
        key: message.places for key, message in english.items()
    }
    assert {key: message.counts for key, message in other.items()} == {
        key: message.counts for key, message in english.items()
    }


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_every_form_of_a_message_has_all_its_places(locale):
    for key, message in catalogue(locale).messages.items():
        for form in message.forms:
            assert form.strip() == form, key
            assert form, key
            assert set(re.findall(r"\{([a-z_]+)\}", form)) == message.places, key
            assert not re.sub(r"\{[a-z_]+\}", "", form).count("{"), key


@pytest.mark.parametrize(
    ("locale", "script"),
    [
        ("kn", "[\u0c80-\u0cff]"),
        ("ta", "[\u0b80-\u0bff]"),
        ("fa", "[\u0600-\u06ff]"),
        ("zh-Hant", "[\u4e00-\u9fff]"),
    ],
)
def test_every_message_is_in_the_script_of_its_language(locale, script):
    for key, message in catalogue(locale).messages.items():
        assert all(re.search(script, form) for form in message.forms), key


def test_no_spanish_message_was_left_in_english():
    english, spanish = catalogue("en").messages, catalogue("es").messages
    assert [key for key in english if english[key].forms == spanish[key].forms] == []


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_problem_codes_have_a_title_and_a_detail(locale):
    keys = catalogue(locale).messages.keys()
    codes = {key.split(".")[1] for key in keys if key.startswith("error.")}
    assert len(codes) >= 29
    assert {f"error.{code}.{part}" for code in codes for part in ("title", "detail")} <= keys


@pytest.mark.parametrize(
    ("locale", "count", "words"),
    [
        ("en", 1, "Use at least 1 character."),
        ("en", 2, "Use at least 2 characters."),
        ("en", 0, "Use at least 0 characters."),
        ("en", 1024, "Use at least 1,024 characters."),
        ("es", 1, "Usa al menos 1 carácter."),
        ("es", 12345, "Usa al menos 12.345 caracteres."),
        ("fa", 8, "دست‌کم ۸ نویسه وارد کنید."),
        ("ta", 1, "குறைந்தது 1 எழுத்தைப் பயன்படுத்தவும்."),
        ("kn", 3, "ಕನಿಷ್ಠ 3 ಅಕ್ಷರಗಳನ್ನು ಬಳಸಿ."),
        ("zh-Hant", 1, "請至少輸入 1 個字元。"),
    ],
)
def test_numbers_are_counted_and_written_as_the_language_does(locale, count, words):
    assert TRANSLATOR.text("field.too_short", locale=locale, params={"min": count}) == words


def test_texts_are_put_in_as_they_are():
    params = {"fields": "1024, {fields}"}
    assert TRANSLATOR.text("field.one_of", locale="fa", params=params).endswith(": 1024, {fields}.")


def test_a_place_without_a_parameter_stays_to_be_seen():
    assert TRANSLATOR.text("field.one_of", locale="en") == "Give just one of these: {fields}."


def test_a_plural_that_names_no_place_is_refused(tmp_path):
    source = tmp_path / "messages.po"
    source.write_text('msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
                      'msgid "a.b"\nmsgid_plural "many"\nmsgstr[0] "x"\n')  # fmt: skip
    with pytest.raises(ValueError, match=r"a\.b"):
        read_catalogue(source, locale="en")


def test_negotiating_reads_no_catalogue():
    script = (
        "import sys\n"
        "from multiproduct.domain.translation.negotiation import negotiate\n"
        "assert negotiate('ta', ['en', 'ta']) == 'ta'\n"
        "from multiproduct.adapters.babel import BabelTranslator\n"
        "translator = BabelTranslator()\n"
        "assert translator.negotiate('ta') == 'ta'\n"
        "assert translator._catalogue.cache_info().currsize == 0\n"
        "assert translator.text('error.gone.title', locale='ta')\n"
        "assert translator._catalogue.cache_info().currsize == 1\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
