"""Giving back what subscriptions were charged for: credits of the lines that charged for them."""

from dataclasses import replace
from uuid import UUID

from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.new_documents import NewCredit
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import RefundTo
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import Charge, ChargeKind, ChargeStatus, Subscription, spread

_MOST_CHARGES = 200
"""That a credit looks back on."""


class GivingBack:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, crediting: Crediting) -> None:
        self._crediting = crediting

    async def late(self, unit: SubscriptionsUnit, charge: Charge) -> None:
        """Credits all of a charge that was paid when nothing could come of it any more."""
        lines = await self._credit_of(unit, charge, charge.minor - charge.credited)
        if lines:
            await self._credit(
                unit, charge.invoice_id, lines, to=RefundTo.PAYMENT_METHOD, reason="late_payment"
            )
        await unit.subscription_charges.save(replace(charge, status=ChargeStatus.VOID, credited=charge.minor))

    async def usage_of(self, unit: SubscriptionsUnit, charge: Charge) -> None:
        """Credits the usage in the invoice of a period whose charge nothing came of."""
        invoice = await unit.invoices.find(charge.invoice_id)
        if invoice is None or charge.kind is not ChargeKind.PERIOD:
            return
        lines = {
            each.id: Money(each.total_minor, invoice.currency)
            for each in invoice.lines
            if each.subject is not None
            and each.subject.id == charge.subscription_id
            and not each.covers_period
            and each.total_minor > 0
        }
        if lines:
            await self._credit(unit, invoice.id, lines, to=RefundTo.FUNDS, reason="late_payment")

    async def newest(
        self, unit: SubscriptionsUnit, subscription: Subscription, minor: int, *, to: RefundTo, reason: str
    ) -> int:
        """Credits so much of what was charged for a subscription, the newest charges first, and of none more
        than was paid. Answers how much, before tax. What cannot go back the way it came goes to the
        customer's funds."""
        if minor <= 0:
            return 0
        charges = await unit.subscription_charges.of_subscription(subscription.id, limit=_MOST_CHARGES)
        given = 0
        for charge, part in spread(minor, charges):
            lines = await self._credit_of(unit, charge, part)
            if lines:
                await self._credit(unit, charge.invoice_id, lines, to=to, reason=reason)
            await unit.subscription_charges.save(replace(charge, credited=charge.credited + part))
            given += part
        return given

    async def _credit(
        self,
        unit: SubscriptionsUnit,
        invoice_id: UUID,
        lines: dict[UUID, Money],
        *,
        to: RefundTo,
        reason: str,
    ) -> None:
        lines = await self._uncredited(unit, invoice_id, lines)
        if not lines:
            return
        if to is RefundTo.PAYMENT_METHOD and not await self._can_go_back(unit, invoice_id):
            to = RefundTo.FUNDS
        await self._crediting.credit(
            unit, NewCredit(invoice_id=invoice_id, lines=lines, refund_to=to, reason=reason)
        )

    @staticmethod
    async def _uncredited(
        unit: SubscriptionsUnit, invoice_id: UUID, lines: dict[UUID, Money]
    ) -> dict[UUID, Money]:
        """As much of it as staff has not credited by itself already: nobody is refused an end for that."""
        invoice = await unit.invoices.find(invoice_id)
        if invoice is None:
            return {}
        left = {line.id: line.total_minor for line in invoice.lines}
        for note in await unit.credit_notes.of_invoice(invoice_id):
            for line in note.lines:
                left[line.line_id] -= line.total_minor
        wanted = {line_id: min(amount.minor, left[line_id]) for line_id, amount in lines.items()}
        return {line_id: Money(minor, invoice.currency) for line_id, minor in wanted.items() if minor > 0}

    async def _can_go_back(self, unit: SubscriptionsUnit, invoice_id: UUID) -> bool:
        """Whether all of it came by payments that can be given back: what was taken of the customer's funds
        returns there."""
        invoice = await unit.invoices.find(invoice_id)
        settlements = await unit.settlements.of_invoice(invoice_id)
        came = sum(
            allocation.allocated_minor
            for settlement in settlements
            for allocation in settlement.allocations
            if allocation.invoice_id == invoice_id
        )
        is_all = invoice is not None and came >= invoice.paid_minor > 0
        return is_all and await self._crediting.can_refund(unit, invoice_id)

    @staticmethod
    async def _credit_of(unit: SubscriptionsUnit, charge: Charge, part: int) -> dict[UUID, Money]:
        """What to credit of the invoice's line for a charge, with tax: half up on the running sum, so that
        the parts of a charge come to its line exactly."""
        invoice = await unit.invoices.find(charge.invoice_id)
        if invoice is None or charge.minor == 0:
            return {}
        line = next(
            (
                each
                for each in invoice.lines
                if each.subject is not None
                and each.subject.id == charge.subscription_id
                and each.covers_period is (charge.kind is ChargeKind.PERIOD)
            ),
            None,
        )
        if line is None:
            return {}
        before = _half_up(line.total_minor * charge.credited, charge.minor)
        after = _half_up(line.total_minor * (charge.credited + part), charge.minor)
        return {line.id: Money(after - before, Currency(charge.currency))} if after > before else {}


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
