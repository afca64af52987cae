"""A credit note: gives back some of an invoice, or all of it, with a number of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.billing.errors import CreditTooLarge
from multiproduct.domain.billing.events import CreditNoteIssued
from multiproduct.domain.billing.invoice import Invoice
from multiproduct.domain.billing.numbering import TakenNumber
from multiproduct.domain.shared import Aggregate, Currency, FieldProblem, InvalidInput, Money


class RefundTo(StrEnum):
    """Where what had been paid goes."""

    FUNDS = "funds"
    PAYMENT_METHOD = "payment_method"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """What is given back of one line, in minor units."""

    line_id: UUID
    description: str
    net_minor: int
    tax_minor: int
    country: str
    tax_name: str = ""
    rate_ppm: int = 0

    @property
    def total_minor(self) -> int:
        """With tax."""
        return self.net_minor + self.tax_minor


@dataclass(slots=True, kw_only=True)
class CreditNote(Aggregate):
    """For good as it is. `reduced_minor` of its total had not been paid, `back_minor` had; of that
    `refund_minor` goes to the payment method, and `refunded_minor` has got there."""

    id: UUID
    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    seller: str
    series: str
    year: int
    sequence: int
    number: str
    currency: Currency
    lines: tuple[CreditLine, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    reduced_minor: int
    back_minor: int
    refund_to: RefundTo
    refund_minor: int = 0
    refunded_minor: int = 0
    reason: str = ""
    issued_at: datetime

    @classmethod
    def issue(
        cls,
        *,
        id: UUID,
        invoice: Invoice,
        taken: TakenNumber,
        number: str,
        lines: tuple[CreditLine, ...],
        refund_to: RefundTo,
        reason: str,
    ) -> "CreditNote":
        """Credits the invoice by these lines. Raises InvoiceNotOpen, CreditTooLarge."""
        net, tax = sum(line.net_minor for line in lines), sum(line.tax_minor for line in lines)
        done = invoice.credit(net + tax, now=taken.issued_at)
        note = cls(
            id=id,
            invoice_id=invoice.id,
            order_id=invoice.order_id,
            customer_id=invoice.customer_id,
            seller=invoice.seller,
            series=taken.series.name,
            year=taken.series.year,
            sequence=taken.sequence,
            number=number,
            currency=invoice.currency,
            lines=lines,
            net_minor=net,
            tax_minor=tax,
            total_minor=net + tax,
            reduced_minor=done.reduced_minor,
            back_minor=done.back_minor,
            refund_to=refund_to,
            reason=reason,
            issued_at=taken.issued_at,
        )
        note._record(
            CreditNoteIssued(
                occurred_at=taken.issued_at,
                customer_id=note.customer_id,
                credit_note_id=id,
                invoice_id=invoice.id,
                order_id=invoice.order_id,
                number=number,
                minor=note.total_minor,
                currency=invoice.currency.code,
                subjects=invoice.subjects,
            )
        )
        return note

    @property
    def pending_refund_minor(self) -> int:
        """What is on its way back to the payment method."""
        return self.refund_minor - self.refunded_minor


def credit_lines(
    invoice: Invoice, credited: Mapping[UUID, int], wanted: Mapping[UUID, int] | None
) -> tuple[CreditLine, ...]:
    """What to give back of each line: `wanted` is by line and with tax, None is all that is left. `credited`
    is what earlier credit notes gave back of the lines.

    Tax of a part: such that the credits of a line, each rounded half up on their running sum, come to the
    line's tax exactly when all of it is credited. Raises InvalidInput for a line that there is not,
    CreditTooLarge for more than a line has left, and for nothing.
    """
    lines = {line.id: line for line in invoice.lines}
    if wanted is not None and not wanted.keys() <= lines.keys():
        raise InvalidInput(FieldProblem("lines", "not_allowed"))
    found: list[CreditLine] = []
    for line_id, line in lines.items():
        before = credited.get(line_id, 0)
        left = line.total_minor - before
        asked = left if wanted is None else wanted.get(line_id, 0)
        if asked == 0:
            continue
        if asked * (1 if left >= 0 else -1) < 0 or abs(asked) > abs(left):
            raise CreditTooLarge(left=str(Money(left, invoice.currency)))
        tax = _tax_until(line.tax_minor, line.total_minor, before + asked) - _tax_until(
            line.tax_minor, line.total_minor, before
        )
        found.append(
            CreditLine(
                line_id=line_id,
                description=line.description,
                net_minor=asked - tax,
                tax_minor=tax,
                country=line.tax.country,
                tax_name=line.tax.name,
                rate_ppm=line.tax.rate_ppm,
            )
        )
    if sum(line.total_minor for line in found) <= 0:
        raise CreditTooLarge(left=str(Money(invoice.creditable_minor, invoice.currency)))
    return tuple(found)


def spread(invoice: Invoice, credited: Mapping[UUID, int], minor: int) -> dict[UUID, int]:
    """An amount over the lines that have something left, by largest remainder of what they have left. Raises
    CreditTooLarge."""
    left = {line.id: max(0, line.total_minor - credited.get(line.id, 0)) for line in invoice.lines}
    if not 0 < minor <= min(invoice.creditable_minor, sum(left.values())):
        raise CreditTooLarge(left=str(Money(invoice.creditable_minor, invoice.currency)))
    shares: Sequence[Money] = Money(minor, invoice.currency).split(list(left.values()))
    return {line_id: share.minor for line_id, share in zip(left, shares, strict=True) if share.minor}


def _tax_until(tax: int, total: int, credited: int) -> int:
    """The tax in the first `credited` of a line, half up."""
    if total == 0:
        return 0
    size = (2 * abs(tax * credited) + abs(total)) // (2 * abs(total))
    return -size if tax * credited * total < 0 else size
