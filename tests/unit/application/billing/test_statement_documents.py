"""Statements and invoices as files: what they say, in whose language, and what a mail gets of them."""

from datetime import timedelta
from typing import Any

import pytest
from tests.billing_house import a_house, by, by_staff

from multiproduct.application.billing import NewCredit
from multiproduct.application.billing.attaching import invoice_attachment
from multiproduct.application.billing.commands import ReadAccountStatement
from multiproduct.application.billing.invoice_document import PrintableDocument, StatementDocument
from multiproduct.application.ports.mailer import MAX_ATTACHED_BYTES
from multiproduct.domain.billing import UnknownCustomer
from multiproduct.domain.shared import Currency, Money, NotConfigured, Unavailable


class KeepingPrinter:
    """Keeps what it is given, and prints so many bytes."""

    def __init__(self, size: int = 8, error: Exception | None = None) -> None:
        self.printed: list[Any] = []
        self.size, self.error = size, error

    async def pdf(self, document: PrintableDocument) -> bytes:
        if self.error is not None:
            raise self.error
        self.printed.append(document)
        return b"%PDF-".ljust(self.size, b"x")


async def _a_paid_customer(house: Any) -> Any:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 1_000)
    await house.pay(invoice)
    part = NewCredit(invoice_id=invoice.id, amount=Money(300, Currency("USD")))
    await house.do(lambda unit: house.billing.crediting.credit(unit, part))
    return customer, invoice


def _printing(house: Any, printer: KeepingPrinter) -> None:
    house.billing.statements._printer = house.billing.documents._printer = printer


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ["Invoice", "Payment", "Credit note"]),
        ("es", ["Factura", "Pago", "Nota de crédito"]),
        ("zh-Hant", ["帳單", "付款", "折讓單"]),
    ],
)
async def test_a_statement_says_what_happened_in_the_customers_language(locale, words):
    house, printer = a_house(), KeepingPrinter()
    _printing(house, printer)
    customer, invoice = await _a_paid_customer(house)

    async def speak(unit: Any) -> None:
        user = await unit.users.find(customer)
        user.locale = locale
        await unit.users.save(user)

    await house.do(speak)
    house.clock.move(timedelta(days=1))
    await house.billing.statements.pdf(ReadAccountStatement(currency="USD"), by(customer))
    (document,) = printer.printed
    assert isinstance(document, StatementDocument)
    assert [entry.description for entry in document.entries] == words
    assert document.entries[0].reference == invoice.number
    usd = Currency("USD")
    assert [entry.charge for entry in document.entries] == [Money(1_000, usd), None, None]
    assert [entry.payment for entry in document.entries] == [None, Money(1_000, usd), Money(300, usd)]
    assert (document.total_charged.minor, document.total_paid.minor) == (1_000, 1_300)
    assert (document.opening_balance.minor, document.closing_balance.minor) == (0, -300)
    assert document.period_start <= document.period_end


async def test_a_statement_is_nobody_elses():
    house = a_house()
    customer, _ = await _a_paid_customer(house)
    wanted = ReadAccountStatement(currency="USD", customer_id=customer)
    with pytest.raises(UnknownCustomer):
        await house.billing.statements.pdf(wanted, by(await house.a_customer()))
    assert await house.billing.statements.pdf(wanted, by_staff(await house.a_customer()))


async def test_an_empty_span_is_printed_too():
    house, printer = a_house(), KeepingPrinter()
    _printing(house, printer)
    customer, at = await house.a_customer(), house.clock.now()
    nothing = ReadAccountStatement(currency="USD", since=at, until=at)
    await house.billing.statements.pdf(nothing, by(customer))
    (document,) = printer.printed
    assert (document.entries, document.period_start) == ((), document.period_end)


async def test_an_invoice_is_attached_by_its_number_to_its_customers_mail_only():
    house = a_house()
    _printing(house, KeepingPrinter())
    customer, invoice = await _a_paid_customer(house)
    documents = house.billing.documents
    found = await invoice_attachment(documents, customer_id=customer, number=invoice.number)
    assert found is not None
    assert (found.name, found.media_type) == (f"{invoice.number}.pdf", "application/pdf")
    stranger = await house.a_customer()
    assert await invoice_attachment(documents, customer_id=stranger, number=invoice.number) is None
    assert await invoice_attachment(documents, customer_id=customer, number="INV-0") is None


@pytest.mark.parametrize(
    "printer", [KeepingPrinter(MAX_ATTACHED_BYTES + 1), KeepingPrinter(error=NotConfigured(what="PDF"))]
)
async def test_a_mail_goes_without_a_file_that_is_too_large_or_that_nothing_prints(printer):
    house = a_house()
    customer, invoice = await _a_paid_customer(house)
    _printing(house, printer)
    wanted = invoice_attachment(house.billing.documents, customer_id=customer, number=invoice.number)
    assert await wanted is None


async def test_a_mail_waits_for_a_printer_that_is_busy():
    house = a_house()
    customer, invoice = await _a_paid_customer(house)
    _printing(house, KeepingPrinter(error=Unavailable(what="printer")))
    with pytest.raises(Unavailable):
        await invoice_attachment(house.billing.documents, customer_id=customer, number=invoice.number)
