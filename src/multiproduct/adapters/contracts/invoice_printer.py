"""What every printer of invoices must do: print all of it, in the customer's language, and obey no text."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from multiproduct.application.billing.invoice_document import (
    Brand,
    DocumentKind,
    DocumentLine,
    DocumentStatus,
    InvoiceDocument,
    Party,
    PaymentTerms,
    StatementDocument,
    StatementEntry,
    TaxSummary,
)
from multiproduct.application.billing.printing_ports import InvoicePrinter
from multiproduct.domain.shared.money import Currency, Money

ReadPages = Callable[[bytes], Sequence[str]]
"""The text of every page of a PDF."""

_NAMES = {
    "en": ("Maria Thompson & Sons, Ltd.", "221B Baker Street", "USD", "Sales tax"),
    "es": ("Compañía Ibérica Ñandú S.L.", "Calle de la Constitución, 12, 3.º B", "EUR", "IVA"),
    "zh-Hant": ("臺灣鐵道數位股份有限公司", "臺北市信義區信義路五段7號", "TWD", "營業稅"),
    "kn": ("ಶ್ರೀ ಕೃಷ್ಣ ಎಂಟರ್‌ಪ್ರೈಸಸ್", "ಮಹಾತ್ಮ ಗಾಂಧಿ ರಸ್ತೆ, ಬೆಂಗಳೂರು", "INR", "GST"),
    "ta": ("ஸ்ரீ மீனாட்சி வர்த்தக நிறுவனம்", "அண்ணா சாலை, சென்னை", "INR", "GST"),
    "fa": ("شرکت فناوری‌های نوین پارس", "تهران، خیابان ولی‌عصر، پلاک ۱۲", "IRR", "مالیات بر ارزش افزوده"),
}
LOCALES = tuple(_NAMES)
HOSTILE = (
    '#panic("x") $x^2$ <b>*bold*</b> _i_ `raw` @ref \\u{41} [[x]] {{}} // c /* */ ~ --- <label> #{1+1}',
    "\x00\x07\x1b[31m",
    "W" * 300,
    "a" * 10_000,
    "\U0001f600 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1ee\U0001f1f7",
    "\u202egnp.exe\u202c \u2066x",
    "\ud800half a pair\udfff",
    "Z" + "\u0301" * 500 + "algo",
    "\u0c95\u0ccd" * 200 + "\u0cb7",
    "漢" * 2_000,
    "\ue000\U0010fffd \ua66e \U00012000",
    "https://example.com/" + "x/" * 200,
    "   ",
    "",
)
"""Markup, controls, endless words and syllables, turned directions, half pairs, glyphs that no font has."""


def some_money(amount: str, currency: str = "USD") -> Money:
    return Money.parse(amount, Currency(currency))


def some_lines(count: int, currency: str = "USD") -> tuple[DocumentLine, ...]:
    return tuple(
        DocumentLine(
            description=f"Item-{number:04} of a yearly plan",
            detail="5 seats",
            quantity=Decimal(5),
            unit_price=some_money("240.00", currency),
            discount=some_money("120.00", currency),
            tax_rate=Decimal(18),
            amount=some_money("1080.00", currency),
            period_start=date(2025, 11, 21),
            period_end=date(2026, 11, 20),
        )
        for number in range(1, count + 1)
    )


def an_invoice(locale: str = "en", *, lines: int = 4) -> InvoiceDocument:
    """Of a customer who writes the language."""
    name, street, currency, tax = _NAMES[locale]
    return InvoiceDocument(
        kind=DocumentKind.INVOICE,
        number="INV-2025-000042",
        status=DocumentStatus.OPEN,
        issued_on=date(2025, 11, 21),
        due_on=date(2025, 12, 5),
        currency=Currency(currency),
        locale=locale,
        seller=Party(name="Stark Industries Software", address=("Unter den Linden 1", "10117 Berlin")),
        customer=Party(name=name, address=(street,), tax_id="47-1234567", email="accounts@customer.example"),
        brand=Brand(name="Stark Fluxus", support_email="help@stark.example"),
        lines=some_lines(lines, currency),
        subtotal=some_money("4320.00", currency),
        discount=some_money("320.00", currency),
        discount_name="WELCOME10",
        taxes=(
            TaxSummary(
                name=tax,
                rate=Decimal(18),
                taxable=some_money("4000.00", currency),
                tax=some_money("720.00", currency),
            ),
        ),
        total=some_money("4720.00", currency),
        amount_due=some_money("4720.00", currency),
        notes="Thank you for your business.",
        payment=PaymentTerms(reference="RF18-5390", instructions="IBAN DE89 3704 0044 0532 0130 00"),
    )


def a_statement(locale: str = "en") -> StatementDocument:
    """Of a customer who paid a little too much."""
    invoice = an_invoice(locale)
    currency = invoice.currency.code
    return StatementDocument(
        number="ST-2025-11",
        issued_on=date(2025, 12, 1),
        period_start=date(2025, 11, 1),
        period_end=date(2025, 11, 30),
        currency=invoice.currency,
        locale=locale,
        seller=invoice.seller,
        customer=invoice.customer,
        brand=invoice.brand,
        opening_balance=some_money("0.00", currency),
        entries=(
            StatementEntry(
                entered_on=date(2025, 11, 21),
                description="Invoice INV-2025-000042",
                charge=some_money("4720.00", currency),
                balance=some_money("4720.00", currency),
            ),
            StatementEntry(
                entered_on=date(2025, 11, 24),
                description="Bank transfer",
                payment=some_money("4732.50", currency),
                balance=some_money("-12.50", currency),
                reference="REF-7",
            ),
        ),
        total_charged=some_money("4720.00", currency),
        total_paid=some_money("4732.50", currency),
        closing_balance=some_money("-12.50", currency),
    )


def everywhere(text: str) -> InvoiceDocument:
    """An invoice with the text wherever people write; the whole of a very long one in the notes only."""
    invoice = an_invoice()
    notes, text = text, text[:2_000]
    return replace(
        invoice,
        number=text[:200],
        order_number=text[:200],
        customer=Party(name=text, address=(text, text[:300]), tax_id=text[:100], email=text[:100]),
        seller=Party(name=text[:300]),
        brand=Brand(name=text, support_url=text),
        lines=(replace(invoice.lines[0], description=text, detail=text), *invoice.lines[1:]),
        discount_name=text[:100],
        taxes=(replace(invoice.taxes[0], name=text[:100]),),
        notes=notes,
        payment=PaymentTerms(reference=text, instructions=text, pay_url=text),
    )


class InvoicePrinterContract:
    """Needs `printer`, and `read`: a `ReadPages`."""

    @pytest.mark.parametrize("locale", LOCALES)
    async def test_the_number_the_parties_and_every_line_are_on_it(
        self, printer: InvoicePrinter, read: ReadPages, locale: str
    ) -> None:
        text = "\n".join(read(await printer.pdf(an_invoice(locale))))
        for expected in ("INV-2025-000042", "Stark Industries Software", "accounts@customer.example"):
            assert expected in text
        for number in range(1, 5):
            assert text.count(f"Item-{number:04}") == 1

    async def test_a_thousand_lines_are_all_printed_once_under_a_repeated_head(
        self, printer: InvoicePrinter, read: ReadPages
    ) -> None:
        pages = read(await printer.pdf(an_invoice(lines=1_000)))
        whole = "\n".join(pages)
        assert all(whole.count(f"Item-{number:04}") == 1 for number in range(1, 1_001))
        of_lines = [page for page in pages if "Item-" in page]
        assert len(of_lines) > 20
        assert all("Unit price" in page for page in of_lines)
        assert all(f"{at}/{len(pages)}" in page for at, page in enumerate(pages, start=1))

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    async def test_whatever_strangers_write_it_is_printed_with_its_lines_and_sums(
        self, printer: InvoicePrinter, read: ReadPages, text: str
    ) -> None:
        whole = "\n".join(read(await printer.pdf(everywhere(text))))
        assert "4,720.00" in whole
        assert all(whole.count(f"Item-{number:04}") == 1 for number in range(2, 5))

    async def test_markup_is_printed_as_it_was_written(
        self, printer: InvoicePrinter, read: ReadPages
    ) -> None:
        whole = " ".join(" ".join(read(await printer.pdf(everywhere(HOSTILE[0])))).split())
        assert '#panic("x") $x^2$ <b>*bold*</b> _i_ `raw` @ref' in whole

    async def test_the_same_document_is_the_same_file(self, printer: InvoicePrinter) -> None:
        first, other, again = [
            await printer.pdf(each) for each in (an_invoice("fa"), an_invoice("ta"), an_invoice("fa"))
        ]
        assert first == again != other

    async def test_many_at_once_get_each_their_own(self, printer: InvoicePrinter, read: ReadPages) -> None:
        numbers = [f"INV-2025-{number:06}" for number in range(8)]
        made = await asyncio.gather(*(printer.pdf(replace(an_invoice(), number=each)) for each in numbers))
        assert all(number in read(pdf)[0] for number, pdf in zip(numbers, made, strict=True))

    async def test_an_unknown_language_is_printed_in_english(
        self, printer: InvoicePrinter, read: ReadPages
    ) -> None:
        assert "Amount due" in read(await printer.pdf(replace(an_invoice(), locale="xx-YY")))[0]
