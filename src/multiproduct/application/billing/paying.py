"""Paying invoices: a transaction is begun, the gateway is told, and the answer says what came of it."""

from collections.abc import Collection

from multiproduct.application.billing.commands import ProcessPayment
from multiproduct.application.billing.listing import is_visible
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.results import BillingTransactionView
from multiproduct.application.billing.settling import Settling
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments import PaymentDriving
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import UnknownInvoice
from multiproduct.domain.billing.permissions import INVOICES_CREATE


class Paying:
    """However often it is asked for, one payment of an invoice is under way at a time."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        clock: Clock,
        idempotency: Idempotency,
        settling: Settling,
        driving: PaymentDriving,
        gateways: Collection[str],
        default_gateway: str,
    ) -> None:
        self._units = units
        self._clock = clock
        self._idempotency = idempotency
        self._settling = settling
        self._driving = driving
        self._gateways = gateways
        self._default_gateway = default_gateway

    async def process(
        self, command: ProcessPayment, caller: Caller, *, idempotency_key: str | None = None
    ) -> BillingTransactionView:
        """Pays what is due of the invoices, which are the caller's own unless they may issue invoices.

        Raises UnknownInvoice, InvoicesDiffer, InvoiceNotOpen, InvoiceBeingPaid, NothingToPay, UnknownGateway,
        UnknownPaymentMethod.
        """
        caller.require_user()

        async def body(unit: BillingUnit) -> BillingTransactionView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity="billing.payment.process",
                caller=caller,
                command=command,
                answer_type=BillingTransactionView,
                now=self._clock.now(),
                body=lambda: self._begin(unit, command, caller),
            )
            await unit.commit()
            return answer

        begun = await in_unit(lambda: self._units.open(caller), body)
        if begun.payment_id is None:
            return begun
        # Whoever repeats the request helps the first one to its end: the gateway is told once.
        await self._driving.drive(begun.payment_id, caller)
        async with self._units.view(caller) as view:
            settlement = await view.settlements.find(begun.id)
        return begun if settlement is None else BillingTransactionView.of(settlement)

    async def _begin(
        self, unit: BillingUnit, command: ProcessPayment, caller: Caller
    ) -> BillingTransactionView:
        found = await unit.invoices.find_many(list(dict.fromkeys(command.invoice_ids)))
        if any(not is_visible(each.customer_id, caller, INVOICES_CREATE) for each in found):
            raise UnknownInvoice
        settlement = await self._settling.begin(
            unit,
            invoice_ids=command.invoice_ids,
            gateway=self._gateway(command),
            method_id=command.method_id,
        )
        return BillingTransactionView.of(settlement)

    def _gateway(self, command: ProcessPayment) -> str:
        if command.gateway is not None:
            return command.gateway
        named = command.payment_method.upper()
        return named if named in self._gateways else self._default_gateway
