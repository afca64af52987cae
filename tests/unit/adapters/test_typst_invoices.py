"""Invoices as PDF: what is on them in each language, how they are laid out, what they are made of."""

import asyncio
import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.adapters.contracts.invoice_printer import (
    LOCALES,
    InvoicePrinterContract,
    a_statement,
    an_invoice,
    some_money,
)
from multiproduct.adapters.typst import TypstInvoicePrinter, font_folders
from multiproduct.adapters.typst.colours import ink_on, readable_on_white
from multiproduct.adapters.typst.texts import isolated, lines_of, one_line
from multiproduct.application.billing.invoice_document import Brand, DocumentKind, DocumentStatus
from multiproduct.domain.shared import Unavailable
from multiproduct.domain.shared.money import Currency, Money

pypdf = pytest.importorskip("pypdf", reason="reading PDF files back needs pypdf")
pytest.importorskip("typst", reason="printing needs typst, of the extra `pdf`")

TRANSLATOR = BabelTranslator()
FIGURES = BabelFigures(translator=TRANSLATOR)
ISOLATES = re.compile("[\u2066-\u2069\u200e\u200f]")


def a_printer(**more):
    return TypstInvoicePrinter(translator=TRANSLATOR, figures=FIGURES, fonts=font_folders(), **more)


def pages_of(pdf):
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [ISOLATES.sub("", page.extract_text()) for page in reader.pages]


def places_of(pdf, wanted):
    """Where on the first page texts begin, in points from its left edge."""
    found = {}

    def visit(text, current, matrix, _font, _size):
        for each in wanted:
            if each in text:
                found.setdefault(each, current[4] + matrix[4])

    pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return found


@pytest.fixture(scope="module")
def shared_printer():
    printer = a_printer()
    yield printer
    printer.close()


class TestTypstInvoicePrinter(InvoicePrinterContract):
    @pytest.fixture
    def printer(self, shared_printer):
        return shared_printer

    @pytest.fixture
    def read(self):
        return pages_of


def test_the_fonts_come_from_packages():
    assert [folder.name for folder in font_folders()] == [
        "manimgx_fonts",
        "manimgx_fonts_cjk",
        "fontpkg_ibm_plex_sans_arabic",
    ]


@pytest.mark.parametrize("locale", ["en", "es", "zh-Hant"])
async def test_names_words_and_sums_are_those_of_the_language(shared_printer, locale):
    document = an_invoice(locale)
    whole = "\n".join(pages_of(await shared_printer.pdf(document)))
    assert document.customer.name in whole
    assert TRANSLATOR.text("print.invoice.title", locale=locale) in whole
    for amount in (document.subtotal, document.total, document.taxes[0].tax):
        assert FIGURES.money(amount, locale=locale).replace("\xa0", " ") in whole.replace("\xa0", " ")


@pytest.mark.parametrize("locale", ["kn", "ta", "fa"])
async def test_every_letter_of_joined_scripts_has_a_glyph_and_its_character(shared_printer, locale):
    """Readers differ in how they put the parts of joined letters in order; none may be missing or a box."""
    document = an_invoice(locale)
    pdf = await shared_printer.pdf(document)
    whole = "".join(pages_of(pdf))
    letters = {each for each in document.customer.name if each.isalpha()}
    assert letters <= set(whole)
    total = FIGURES.amount(document.total, locale=locale)
    # pypdf turns Persian digits around with the words about them.
    assert total in whole or total[::-1] in whole


async def test_persian_words_are_found(shared_printer):
    words = set(" ".join(pages_of(await shared_printer.pdf(an_invoice("fa")))).split())
    assert {"شرکت", "نوین", "پارس", "فروشنده", "خریدار"} <= words


async def test_a_right_to_left_page_is_the_mirror_of_a_left_to_right_one(shared_printer):
    wanted = ["INV-2025-000042", "Unter den Linden", "accounts@customer"]
    left, right = [places_of(await shared_printer.pdf(an_invoice(each)), wanted) for each in ("en", "fa")]
    assert left["Unter den Linden"] < 100 < 200 < left["accounts@customer"] < left["INV-2025-000042"]
    assert right["INV-2025-000042"] < 100 < right["accounts@customer"] < right["Unter den Linden"]


@pytest.mark.parametrize("locale", LOCALES)
async def test_an_ordinary_invoice_is_one_page_of_a4(shared_printer, locale):
    reader = pypdf.PdfReader(io.BytesIO(await shared_printer.pdf(an_invoice(locale))))
    assert len(reader.pages) == 1
    assert [round(each) for each in reader.pages[0].mediabox[2:]] == [595, 842]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (DocumentStatus.PAID, "Paid"),
        (DocumentStatus.OVERDUE, "Overdue"),
        (DocumentStatus.VOID, "Void"),
        (DocumentStatus.DRAFT, "Draft"),
        (DocumentStatus.UNCOLLECTIBLE, "Written off"),
    ],
)
async def test_what_is_not_simply_open_is_stamped(shared_printer, status, word):
    open_one = an_invoice()
    (plain,), (stamped,) = [
        pages_of(await shared_printer.pdf(each)) for each in (open_one, replace(open_one, status=status))
    ]
    assert word not in plain
    assert word in stamped


async def test_a_paid_one_thanks_and_shows_nothing_due(shared_printer):
    paid = replace(
        an_invoice(),
        status=DocumentStatus.PAID,
        paid_on=date(2025, 11, 24),
        amount_paid=some_money("4720.00"),
        amount_due=some_money("0.00"),
        payment=None,
    )
    (page,) = pages_of(await shared_printer.pdf(paid))
    assert "Paid on November 24, 2025. Thank you!" in page
    assert "-$4,720.00" in page
    assert "$0.00" in page
    assert "How to pay" not in page


async def test_a_void_one_asks_for_nothing(shared_printer):
    (page,) = pages_of(await shared_printer.pdf(replace(an_invoice(), status=DocumentStatus.VOID)))
    assert "Amount due" not in page
    assert "How to pay" not in page


async def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing(shared_printer):
    note = replace(
        an_invoice(),
        kind=DocumentKind.CREDIT_NOTE,
        number="CN-2025-000007",
        status=DocumentStatus.ISSUED,
        corrects="INV-2025-000042",
        due_on=None,
        payment=None,
    )
    (page,) = pages_of(await shared_printer.pdf(note))
    for expected in (
        "Credit note",
        "CN-2025-000007",
        "Corrects invoice",
        "INV-2025-000042",
        "Total credited",
    ):
        assert expected in page
    assert "Amount due" not in page


@pytest.mark.parametrize("locale", ["en", "fa"])
async def test_a_statement_has_its_entries_and_balances(shared_printer, locale):
    statement = a_statement(locale)
    (page,) = pages_of(await shared_printer.pdf(statement))
    for expected in ("ST-2025-11", "Invoice INV-2025-000042", "Bank transfer", "REF-7"):
        assert expected in page
    for entry in statement.entries:
        balance = FIGURES.amount(entry.balance, locale=locale).lstrip("-\u200e")
        assert balance in page or balance[::-1] in page


async def test_columns_that_no_line_fills_are_left_out(shared_printer):
    bare = replace(an_invoice(), discount=None, taxes=())
    lines = [replace(line, discount=None, tax_rate=None) for line in bare.lines]
    (page,) = pages_of(await shared_printer.pdf(replace(bare, lines=tuple(lines))))
    assert "Unit price" in page
    assert "Discount" not in page
    assert "Tax\n" not in page


async def test_the_file_says_what_it_is_and_is_tagged(shared_printer):
    reader = pypdf.PdfReader(io.BytesIO(await shared_printer.pdf(an_invoice("fa"))))
    root = reader.trailer["/Root"]
    assert reader.metadata.title == "فاکتور INV-2025-000042"
    assert reader.metadata.author == "Stark Industries Software"
    assert reader.metadata.creation_date.date() == date(2025, 11, 21)
    assert root["/Lang"] == "fa"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/Direction"] == "/R2L"


@pytest.mark.parametrize(
    ("url", "is_a_link"),
    [("https://pay.example/42", True), ("javascript:alert(1)", False), ("file:///etc/passwd", False)],
)
async def test_only_web_addresses_become_links(shared_printer, url, is_a_link):
    document = an_invoice()
    document = replace(document, payment=replace(document.payment, pay_url=url))
    reader = pypdf.PdfReader(io.BytesIO(await shared_printer.pdf(document)))
    targets = [each.get_object()["/A"]["/URI"] for each in reader.pages[0].get("/Annots", [])]
    assert targets == ([url] if is_a_link else [])


async def test_no_more_wait_than_the_queue_takes():
    printer = a_printer(queue=1)
    answers = await asyncio.gather(*(printer.pdf(an_invoice()) for _ in range(4)), return_exceptions=True)
    assert [type(each) for each in answers] == [bytes, bytes, Unavailable, Unavailable]
    assert (await printer.pdf(an_invoice())).startswith(b"%PDF")
    printer.close()


async def test_a_failure_of_typst_is_told_and_does_not_outlast_it(shared_printer, monkeypatch):
    printer = a_printer()
    await printer.pdf(an_invoice())
    monkeypatch.setattr(printer, "_template", b"#panic()")
    with pytest.raises(RuntimeError, match="INV-2025-000042"):
        await printer.pdf(an_invoice())
    assert await printer.pdf(an_invoice()) == await shared_printer.pdf(an_invoice())
    printer.close()


def test_making_a_printer_loads_no_typst():
    script = (
        "import sys\n"
        "from multiproduct.adapters.typst import TypstInvoicePrinter, font_folders\n"
        "TypstInvoicePrinter(translator=None, figures=None, fonts=font_folders())\n"
        "assert not {'typst', 'manimgx_fonts', 'manimgx_fonts_cjk'} & set(sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_a_brands_colour_is_checked():
    with pytest.raises(ValueError, match="#rrggbb"):
        Brand(name="x", colour='red"); #panic(')


@pytest.mark.parametrize(
    ("colour", "ink", "accent"),
    [("#a3161f", "#ffffff", "#a3161f"), ("#f5d142", "#16181d", "#16181d"), ("#ffffff", "#16181d", "#16181d")],
)
def test_nothing_is_set_in_a_colour_that_cannot_be_read(colour, ink, accent):
    assert (ink_on(colour), readable_on_white(colour)) == (ink, accent)


@pytest.mark.parametrize(
    "text",
    [
        "accounts.payable@thompson-sons.example"[:30],
        "ಎಂಟರ್‌ಪ್ರೈಸಸ್ ಕ್ಷತ್ರಿಯ",
        "ஸ்ரீ மீனாட்சி",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "می‌خواهم",
        "Việt Nam",
    ],
)
def test_what_languages_write_stays_as_it_is(text):
    assert one_line(text) == text


def test_marks_joined_letters_and_words_are_bounded():
    assert len(one_line("e" + "\u0301" * 500)) == 9
    assert max(map(len, one_line("\u0c95\u0ccd" * 200).split("\u200b"))) <= 26
    assert max(map(len, one_line("x" * 1000).split("\u200b"))) <= 5
    assert lines_of("a\r\nb\n\nc\x00d") == ["a", "b", "", "c d"]
    assert lines_of(" \n ") == []


def test_texts_of_the_other_direction_are_set_apart():
    assert isolated("Acme, Inc.", right_to_left=True) == "\u2068Acme, Inc.\u2069"
    assert isolated("Acme, Inc.", right_to_left=False) == "Acme, Inc."
    assert isolated("پارس", right_to_left=False) == "\u2068پارس\u2069"


@pytest.mark.parametrize(
    ("locale", "currency", "written"),
    [
        ("en", "USD", "-$1,234,567.89"),
        ("en", "KWD", "-KWD\xa0123,456.789"),
        ("es", "EUR", "-1.234.567,89\xa0€"),
        ("fa", "IRR", "-\u200eریال\xa0۱٬۲۳۴٬۵۶۷٫۸۹"),
        ("ta", "INR", "-₹12,34,567.89"),
        ("zh-Hant", "TWD", "-$1,234,567.89"),
        ("kn", "JPY", "-JP¥123,456,789"),
        ("xx", "USD", "-$1,234,567.89"),
    ],
)
def test_money_has_all_its_digits_in_the_languages_own_manner(locale, currency, written):
    assert FIGURES.money(Money(-123_456_789, Currency(currency)), locale=locale) == written


def test_numbers_rates_and_days_are_exact_and_in_the_languages_own_manner():
    assert FIGURES.number(Decimal("1234.50"), locale="es") == "1.234,5"
    assert FIGURES.number(Decimal("0.000001"), locale="en") == "0.000001"
    assert FIGURES.percent(Decimal("8.875"), locale="en") == "8.875%"
    assert FIGURES.percent(Decimal(18), locale="fa") == "۱۸٪"
    assert FIGURES.amount(Money(123_456, Currency("EUR")), locale="en") == "1,234.56"
    assert FIGURES.date(date(2025, 11, 21), locale="fa") == "۲۱ نوامبر ۲۰۲۵"
    assert FIGURES.date(date(2025, 11, 21), locale="zh-Hant") == "2025年11月21日"
