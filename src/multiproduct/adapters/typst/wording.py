"""One language's words, figures and direction, for everything that is printed in it."""

from datetime import date
from decimal import Decimal

from multiproduct.adapters.typst.colours import ink_on, readable_on_white
from multiproduct.adapters.typst.sheet import Address, Link, Pair, Paper, Section
from multiproduct.adapters.typst.texts import isolated, lines_of, one_line
from multiproduct.application.billing.invoice_document import Brand, Party, PaymentTerms
from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.ports.translator import Translator
from multiproduct.domain.shared.money import Money

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_REGIONS = {"zh-Hant": "TW"}
"""Typst picks the shapes of Chinese letters by region, not by script."""
_DIGITS = {"fa": "\u06f1"}
"""The digit one, by which Typst knows how to count pages."""
_WEB = ("https://", "http://")


class Wording:
    """Everything comes out set apart from the language's own direction where it needs to be."""

    def __init__(self, *, translator: Translator, figures: Figures, locale: str) -> None:
        self._translator = translator
        self._figures = figures
        self._locale = translator.negotiate(None, preferred=locale)
        self._is_right_to_left = self._locale.partition("-")[0] in _RIGHT_TO_LEFT

    def say(self, key: str, **places: str) -> str:
        """The message `print.<key>`, filled with what other methods here gave."""
        return self._translator.text(f"print.{key}", locale=self._locale, params=places)

    def text(self, text: str) -> str:
        """A stranger's text, on one line."""
        return self._apart(one_line(text))

    def texts(self, text: str | None) -> tuple[str, ...]:
        """A stranger's text, line by line."""
        return tuple(self._apart(line) for line in lines_of(text or ""))

    def money(self, amount: Money) -> str:
        """With the currency."""
        return self._apart(self._figures.money(amount, locale=self._locale))

    def amount(self, amount: Money) -> str:
        """Without the currency, for a column of it."""
        return self._apart(self._figures.amount(amount, locale=self._locale))

    def number(self, number: Decimal) -> str:
        """An exact number."""
        return self._apart(self._figures.number(number, locale=self._locale))

    def percent(self, percent: Decimal) -> str:
        """A rate."""
        return self._apart(self._figures.percent(percent, locale=self._locale))

    def day(self, day: date) -> str:
        """A day."""
        return self._figures.date(day, locale=self._locale)

    def period(self, start: date, end: date) -> str:
        """From a day to a day, both included."""
        return self.say("period_span", start=self.day(start), end=self.day(end))

    def address(self, label: str, party: Party) -> Address:
        """A party under its label."""
        lines = [self.text(line) for line in party.address if line.strip()]
        if party.tax_id:
            lines.append(self.say("tax_id", id=self.text(party.tax_id)))
        lines += [self.text(each) for each in (party.email, party.phone) if each]
        return Address(label=self.say(label), name=self.text(party.name), lines=tuple(lines))

    def footer(self, seller: Party, brand: Brand) -> str:
        """Who the seller is, and where help is found."""
        parts = [self.text(seller.name)]
        contacts = [self.text(each) for each in (brand.support_email, brand.support_url) if each]
        if contacts:
            parts.append(self.say("help", contact=" \u00b7 ".join(contacts)))
        return " \u00b7 ".join(parts)

    def paper(self, brand: Brand) -> Paper:
        """The brand's paper in this language."""
        language = self._locale.partition("-")[0]
        name = one_line(brand.name)
        return Paper(
            brand=self._apart(name),
            mark=name[:1].upper(),
            colour=brand.colour,
            ink=ink_on(brand.colour),
            accent=readable_on_white(brand.colour),
            language=language,
            region=_REGIONS.get(self._locale),
            direction="rtl" if self._is_right_to_left else "ltr",
            digits=_DIGITS.get(language, "1"),
        )

    def sections(self, payment: PaymentTerms | None, notes: str | None) -> tuple[Section, ...]:
        """How to pay, and what else there is to say."""
        sections = []
        if payment is not None:
            sections.append(self._how_to_pay(payment))
        if paragraphs := self.texts(notes):
            sections.append(Section(heading=self.say("notes"), paragraphs=paragraphs))
        return tuple(sections)

    def _how_to_pay(self, payment: PaymentTerms) -> Section:
        url = payment.pay_url or ""
        return Section(
            heading=self.say("how_to_pay"),
            pairs=tuple(
                Pair(label=self.say("payment_reference"), value=self.text(each))
                for each in (payment.reference,)
                if each
            ),
            paragraphs=self.texts(payment.instructions),
            link=Link(text=self.say("pay_online"), target=url) if url.startswith(_WEB) else None,
        )

    def _apart(self, text: str) -> str:
        return isolated(text, right_to_left=self._is_right_to_left)
