"""Documents worded as sheets: which facts, columns and sums each kind has."""

from collections.abc import Sequence

from multiproduct.adapters.typst.sheet import Cell, Column, Headline, Pair, Sheet, Stamp
from multiproduct.adapters.typst.wording import Wording
from multiproduct.application.billing.invoice_document import (
    DocumentKind,
    DocumentLine,
    DocumentStatus,
    InvoiceDocument,
    StatementDocument,
    StatementEntry,
)
from multiproduct.domain.shared.money import Money

_TONES = {
    DocumentStatus.PAID: "good",
    DocumentStatus.OVERDUE: "bad",
    DocumentStatus.VOID: "bad",
    DocumentStatus.UNCOLLECTIBLE: "plain",
    DocumentStatus.DRAFT: "plain",
}
_OWED = frozenset({DocumentStatus.DRAFT, DocumentStatus.OPEN, DocumentStatus.OVERDUE})
_NONE = "\u2013"


def invoice_sheet(document: InvoiceDocument, say: Wording) -> Sheet:
    """An invoice or a credit note."""
    title = say.say(f"{document.kind}.title")
    number = say.text(document.number)
    columns = _columns(document)
    return Sheet(
        paper=say.paper(document.brand),
        title=title,
        number=number,
        author=say.text(document.seller.name),
        issued=(document.issued_on.year, document.issued_on.month, document.issued_on.day),
        facts=_facts(document, say),
        parties=(say.address("from", document.seller), say.address("to", document.customer)),
        headline=_headline(document, say),
        stamp=_stamp(document.status, say),
        columns=tuple(_column(name, document, say) for name in columns),
        rows=tuple(tuple(_cell(name, line, say) for name in columns) for line in document.lines),
        sums=_sums(document, say),
        remark=say.say("prices_include_tax") if document.prices_include_tax else None,
        sections=say.sections(document.payment if document.status in _OWED else None, document.notes),
        footer=say.footer(document.seller, document.brand),
        continued=f"{title} {number}",
    )


def statement_sheet(document: StatementDocument, say: Wording) -> Sheet:
    """A statement of account."""
    title = say.say("statement.title")
    number = say.text(document.number)
    period = say.period(document.period_start, document.period_end)
    figures = [
        Column(title=say.say(name, currency=document.currency.code))
        for name in ("charges", "payments", "balance")
    ]
    return Sheet(
        paper=say.paper(document.brand),
        title=title,
        number=number,
        author=say.text(document.seller.name),
        issued=(document.issued_on.year, document.issued_on.month, document.issued_on.day),
        facts=(
            Pair(label=say.say("issued_on"), value=say.day(document.issued_on)),
            Pair(label=say.say("period"), value=period),
        ),
        parties=(say.address("from", document.seller), say.address("to", document.customer)),
        headline=Headline(
            label=say.say("closing_balance"),
            value=say.money(document.closing_balance),
            note=say.say("credit_balance") if document.closing_balance.minor < 0 else period,
        ),
        columns=(
            Column(title=say.say("date"), is_figure=False),
            Column(title=say.say("description"), is_figure=False, takes_the_rest=True),
            *figures,
        ),
        rows=tuple(_entry(entry, say) for entry in document.entries),
        sums=(
            Pair(label=say.say("opening_balance"), value=say.money(document.opening_balance)),
            Pair(label=say.say("total_charged"), value=say.money(document.total_charged)),
            Pair(label=say.say("total_paid"), value=say.money(-document.total_paid)),
            Pair(label=say.say("closing_balance"), value=say.money(document.closing_balance), is_strong=True),
        ),
        sections=say.sections(document.payment, document.notes),
        footer=say.footer(document.seller, document.brand),
        continued=f"{title} {number}",
    )


def _facts(document: InvoiceDocument, say: Wording) -> tuple[Pair, ...]:
    days = {"issued_on": document.issued_on, "due_on": document.due_on, "paid_on": document.paid_on}
    facts = [Pair(label=say.say(name), value=say.day(day)) for name, day in days.items() if day]
    texts = {"order": document.order_number, "corrects": document.corrects}
    facts += [Pair(label=say.say(name), value=say.text(text)) for name, text in texts.items() if text]
    return tuple(facts)


def _headline(document: InvoiceDocument, say: Wording) -> Headline:
    if document.kind is DocumentKind.CREDIT_NOTE:
        return Headline(label=say.say("total_credited"), value=say.money(document.total), note="")
    if document.status is DocumentStatus.PAID and document.paid_on is not None:
        note = say.say("paid_on_day", date=say.day(document.paid_on))
        return Headline(label=say.say("total"), value=say.money(document.total), note=note)
    if document.status not in _OWED:
        return Headline(label=say.say("total"), value=say.money(document.total), note="")
    note = say.say("due_by_day", date=say.day(document.due_on)) if document.due_on else ""
    return Headline(label=say.say("amount_due"), value=say.money(document.amount_due), note=note)


def _stamp(status: DocumentStatus, say: Wording) -> Stamp | None:
    tone = _TONES.get(status)
    return Stamp(text=say.say(f"stamp.{status}"), tone=tone) if tone else None


def _columns(document: InvoiceDocument) -> Sequence[str]:
    """Those that some line has something for."""
    has = {
        "unit_price": any(line.unit_price is not None for line in document.lines),
        "discount": any(line.discount is not None and line.discount.minor for line in document.lines),
        "tax": any(line.tax_rate is not None for line in document.lines),
    }
    names = ("description", "quantity", "unit_price", "discount", "tax", "amount")
    return [name for name in names if has.get(name, True)]


def _column(name: str, document: InvoiceDocument, say: Wording) -> Column:
    return Column(
        title=say.say(name, currency=document.currency.code),
        is_figure=name != "description",
        takes_the_rest=name == "description",
    )


def _cell(name: str, line: DocumentLine, say: Wording) -> Cell:
    if name == "description":
        details = list(say.texts(line.detail))
        if line.period_start is not None and line.period_end is not None:
            details.append(say.period(line.period_start, line.period_end))
        return Cell(text=say.text(line.description), details=tuple(details))
    if name == "quantity":
        return Cell(text=say.number(line.quantity))
    if name == "tax":
        return Cell(text=_NONE if line.tax_rate is None else say.percent(line.tax_rate))
    if name == "discount":
        return Cell(text=say.amount(-line.discount) if line.discount and line.discount.minor else _NONE)
    amount = line.unit_price if name == "unit_price" else line.amount
    return _amount(amount, say)


def _amount(amount: Money | None, say: Wording) -> Cell:
    return Cell(text=_NONE if amount is None else say.amount(amount))


def _entry(entry: StatementEntry, say: Wording) -> tuple[Cell, ...]:
    return (
        Cell(text=say.day(entry.entered_on)),
        Cell(text=say.text(entry.description), details=say.texts(entry.reference)),
        _amount(entry.charge, say),
        _amount(entry.payment, say),
        _amount(entry.balance, say),
    )


def _sums(document: InvoiceDocument, say: Wording) -> tuple[Pair, ...]:
    sums = [Pair(label=say.say("subtotal"), value=say.money(document.subtotal))]
    if document.discount is not None and document.discount.minor:
        name = say.text(document.discount_name or "")
        label = say.say("discount_named", name=name) if name else say.say("discount")
        sums.append(Pair(label=label, value=say.money(-document.discount)))
    for tax in document.taxes:
        label = say.say(
            "tax_line",
            name=say.text(tax.name),
            rate=say.percent(tax.rate),
            taxable=say.money(tax.taxable),
        )
        sums.append(Pair(label=label, value=say.money(tax.tax)))
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    total = say.say("total_credited" if is_credit else "total")
    sums.append(Pair(label=total, value=say.money(document.total), is_strong=True))
    if is_credit:
        return tuple(sums)
    if document.amount_paid is not None and document.amount_paid.minor:
        sums.append(Pair(label=say.say("amount_paid"), value=say.money(-document.amount_paid)))
    if document.amount_due != document.total:
        due = say.money(document.amount_due)
        sums.append(Pair(label=say.say("amount_due"), value=due, is_strong=True))
    return tuple(sums)
