"""Figures as a language writes them, by CLDR: money, numbers, percents and days."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, format_decimal, format_percent, get_currency_symbol, parse_pattern

from multiproduct.adapters.babel.catalogue import own_digits
from multiproduct.application.ports.translator import Translator
from multiproduct.domain.shared.money import Money

_PLAIN = "plain"
_TOGETHER = "$5.00"
_APART = "KWD 5.000"
_EXACT = "#,##0.######"
_PERCENT_DIGITS = "0.####"
_REMEMBERED = 256


class BabelFigures:
    """Finds the language as the translator does, so that the words and figures of one text agree."""

    def __init__(self, *, translator: Translator) -> None:
        self._translator = translator
        self._locale = lru_cache(maxsize=_REMEMBERED)(self._find)

    def money(self, amount: Money, *, locale: str) -> str:
        """See the port. The digits are the currency's by ISO 4217: CLDR's would round rials to whole ones."""
        symbol = get_currency_symbol(amount.currency.code, self._locale(locale))
        return self._written(amount, locale, _APART if symbol[-1:].isalpha() else _TOGETHER)

    def amount(self, amount: Money, *, locale: str) -> str:
        """See the port."""
        return self._written(amount, locale, _PLAIN)

    def number(self, number: Decimal, *, locale: str) -> str:
        """See the port."""
        found = self._locale(locale)
        written = format_decimal(number, format=_EXACT, locale=found, numbering_system="default")
        return own_digits(written, found)

    def percent(self, percent: Decimal, *, locale: str) -> str:
        """See the port."""
        found = self._locale(locale)
        pattern = found.percent_formats[None].pattern.replace("#,##0", _PERCENT_DIGITS)
        written = format_percent(percent / 100, format=pattern, locale=found, numbering_system="default")
        # Babel takes the digits' signs for numbers, not for percents.
        symbols = found.number_symbols.get(found.default_numbering_system, {})
        return own_digits(written, found).replace("%", symbols.get("percentSign", "%"))

    def date(self, day: date, *, locale: str) -> str:
        """See the port."""
        found = self._locale(locale)
        return own_digits(format_date(day, format="long", locale=found), found)

    def _written(self, amount: Money, locale: str, kind: str) -> str:
        found = self._locale(locale)
        written = _pattern(str(found), kind, amount.currency.exponent).apply(
            Decimal(str(amount)),
            found,
            currency=None if kind == _PLAIN else amount.currency.code,
            currency_digits=False,
            numbering_system="default",
        )
        return own_digits(written, found)

    def _find(self, tag: str) -> Locale:
        return Locale.parse(self._translator.negotiate(None, preferred=tag), sep="-")


@lru_cache(maxsize=_REMEMBERED)
def _pattern(locale: str, kind: str, digits: int) -> NumberPattern:
    """The language's pattern with as many fraction digits as the currency has."""
    found = Locale.parse(locale)
    pattern = found.decimal_formats[None] if kind == _PLAIN else found.currency_formats["standard"]
    written = pattern.pattern
    if kind == _APART:  # letters stand apart from digits (UTS 35, part 3, 2.4.2)
        written = written.replace("\N{CURRENCY SIGN}#", "\N{CURRENCY SIGN}\N{NO-BREAK SPACE}#")
    own = parse_pattern(written)
    own.frac_prec = (digits, digits)
    return own
