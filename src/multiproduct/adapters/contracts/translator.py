"""What every translator must do."""

from datetime import UTC, datetime

import pytest

from multiproduct.application.ports.translator import Translator


class TranslatorContract:
    """Needs the fixture `translator`; `plain_key` is a key without places, `filled_key` one with `{min}`."""

    plain_key = "error.not_found.title"
    filled_key = "field.too_short"

    @pytest.fixture
    def translator(self) -> Translator:
        raise NotImplementedError

    def test_english_is_the_default(self, translator: Translator) -> None:
        assert translator.locales[0] == "en"
        assert translator.negotiate(None) == "en"
        assert translator.negotiate("") == "en"

    def test_every_locale_has_words_of_its_own(self, translator: Translator) -> None:
        words = {translator.text(self.plain_key, locale=locale) for locale in translator.locales}
        assert len(words) == len(translator.locales)

    def test_a_key_that_is_not_there_answers_itself(self, translator: Translator) -> None:
        for locale in (*translator.locales, "xx"):
            assert translator.text("no.such.key", locale=locale) == "no.such.key"

    @pytest.mark.parametrize("locale", ["xx", "fr-CA", "", "-", "en_US", "en-x-private", "🙂", "e" * 10_000])
    def test_a_locale_that_is_not_there_falls_back_to_english(
        self, translator: Translator, locale: str
    ) -> None:
        english = translator.text(self.plain_key, locale="en")
        assert translator.text(self.plain_key, locale=locale) == english

    def test_a_locale_falls_back_along_its_truncations(self, translator: Translator) -> None:
        for locale in translator.locales:
            own = translator.text(self.plain_key, locale=locale)
            assert translator.text(self.plain_key, locale=f"{locale}-XX") == own
            assert translator.text(self.plain_key, locale=f"{locale}-XX-u-nu-latn") == own
            assert translator.text(self.plain_key, locale=locale.upper()) == own

    def test_a_moment_is_told_on_the_clocks_of_the_zone(self, translator: Translator) -> None:
        moment = datetime(2026, 11, 21, 20, 28, tzinfo=UTC)
        for locale in translator.locales:
            told = translator.moment(moment, locale=locale, time_zone="Asia/Taipei")
            elsewhere = translator.moment(moment, locale=locale, time_zone="America/Mexico_City")
            assert told != elsewhere
            assert "UTC" not in told
        assert "22, 2026" in translator.moment(moment, locale="en", time_zone="Asia/Taipei")

    @pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "", "Nowhere/Else", "Asia", "../etc/passwd", "\0"])
    def test_a_moment_without_a_known_zone_is_told_in_utc(self, translator: Translator, zone: str) -> None:
        moment = datetime(2026, 11, 21, 20, 28, tzinfo=UTC)
        for locale in (*translator.locales, "xx"):
            assert translator.moment(moment, locale=locale, time_zone=zone).endswith(" UTC")

    def test_places_are_filled(self, translator: Translator) -> None:
        filled = translator.text(self.filled_key, locale="en", params={"min": 12})
        assert "12" in filled
        assert "{" not in filled

    @pytest.mark.parametrize("params", [None, {}, {"other": 1}, {"min": None}, {"min": "{max}"}, {"min": -1}])
    def test_wrong_parameters_never_raise(
        self, translator: Translator, params: dict[str, str | int | None] | None
    ) -> None:
        for locale in translator.locales:
            assert translator.text(self.filled_key, locale=locale, params=params)

    def test_a_filled_in_text_is_not_filled_again(self, translator: Translator) -> None:
        params = {"min": "{max}", "max": "secret"}
        assert "secret" not in translator.text(self.filled_key, locale="en", params=params)

    def test_what_a_person_chose_goes_before_what_a_browser_says(self, translator: Translator) -> None:
        for locale in translator.locales:
            assert translator.negotiate("en", preferred=locale) == locale
            assert translator.negotiate("en", preferred=f"{locale}-XX") == locale

    def test_a_choice_without_words_leaves_it_to_the_browser(self, translator: Translator) -> None:
        for locale in translator.locales:
            assert translator.negotiate(locale, preferred="xx") == locale
            assert translator.negotiate(locale, preferred="") == locale

    @pytest.mark.parametrize(
        "header",
        [
            *(
                ",",
                ";",
                "é",
                "\x00",
                "\ud800",
                "q=1",
                "es;q=",
                "es;q=2",
                "es;q=-1",
                "es;q=nan",
                "es;;q=1",
                "*-es",
            ),
            *("a" * 9, ";q=1," * 5_000, "xx," * 100_000, "x-" * 100_000, "xx;q=0." + "0" * 100_000),
        ],
    )
    def test_what_is_no_header_is_no_harm(self, translator: Translator, header: str) -> None:
        assert translator.negotiate(header) == "en"
