"""What printing invoices needs from outside: a printer, and the writing of figures as a language has them."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from multiproduct.application.billing.invoice_document import PrintableDocument
from multiproduct.domain.shared.money import Money


class InvoicePrinter(Protocol):
    """Makes the PDF of a document, in the customer's language.

    Promises: the same document gives the same bytes; texts of the document are printed as they are and are
    never read as markup, whatever they hold; a character that no font has is printed as a visible box; every
    line is printed, on as many pages as it takes; the caller's event loop is not held meanwhile.
    """

    async def pdf(self, document: PrintableDocument) -> bytes:
        """The whole file.

        Raises Unavailable, with a time to try again, where too many others wait for theirs.
        """
        ...


class Figures(Protocol):
    """Figures as a language writes them (CLDR). Promises never to raise: an unknown locale falls back as the
    translator's does."""

    def money(self, amount: Money, *, locale: str) -> str:
        """With its currency, all digits of the currency, and the language's own digits and groups."""
        ...

    def amount(self, amount: Money, *, locale: str) -> str:
        """As `money`, without the currency: for columns whose heading names it."""
        ...

    def number(self, number: Decimal, *, locale: str) -> str:
        """An exact number: no more fraction digits than it has, up to six."""
        ...

    def percent(self, percent: Decimal, *, locale: str) -> str:
        """`Decimal("8.875")` as 8.875%, where the language has the sign."""
        ...

    def date(self, day: date, *, locale: str) -> str:
        """A day of the Gregorian calendar, with the month in words where the language does so."""
        ...
