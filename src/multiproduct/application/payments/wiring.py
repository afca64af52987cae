"""Putting payments' use cases together from their parts."""

from dataclasses import dataclass, field

from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Accounts, Holding, Posting
from multiproduct.application.payments.administration import PaymentAdministration
from multiproduct.application.payments.bookkeeping import Bookkeeping
from multiproduct.application.payments.callbacks import CallbackIntake
from multiproduct.application.payments.calling_off import CallingOff, HoldMoving
from multiproduct.application.payments.driving import PaymentDriving
from multiproduct.application.payments.facade import Payments
from multiproduct.application.payments.gateways import Gateways
from multiproduct.application.payments.janitor import Janitor
from multiproduct.application.payments.method_keeping import MethodKeeping
from multiproduct.application.payments.opening import PaymentOpening
from multiproduct.application.payments.orders import Orders
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.payments.reactions import PaymentReactions
from multiproduct.application.payments.reading import PaymentReading
from multiproduct.application.payments.refunding import Refunding
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import CheckSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsParts:
    """What payments are put together from."""

    units: Units[PaymentsUnit]
    gateways: Gateways
    accounts: Accounts
    posting: Posting
    holding: Holding
    sealing: Sealing
    idempotency: Idempotency
    clock: Clock
    real_time: RealTime
    ids: Ids
    schedule: CheckSchedule = field(default_factory=CheckSchedule)


def wire_payments(parts: PaymentsParts) -> Payments:
    """The use cases and steps of payments."""
    units, gateways, clock, ids = parts.units, parts.gateways, parts.clock, parts.ids
    bookkeeping = Bookkeeping(accounts=parts.accounts, posting=parts.posting, holding=parts.holding)
    taking = OutcomeTaking(bookkeeping=bookkeeping, clock=clock, schedule=parts.schedule)
    orders = Orders(sealing=parts.sealing)
    refunding = Refunding(
        gateways=gateways, bookkeeping=bookkeeping, clock=clock, ids=ids, schedule=parts.schedule
    )
    driving = PaymentDriving(
        units=units,
        gateways=gateways,
        orders=orders,
        taking=taking,
        clock=clock,
        real_time=parts.real_time,
        schedule=parts.schedule,
    )
    methods = MethodKeeping(
        units=units,
        gateways=gateways,
        orders=orders,
        sealing=parts.sealing,
        idempotency=parts.idempotency,
        clock=clock,
        ids=ids,
    )
    callbacks = CallbackIntake(units=units, gateways=gateways, taking=taking, clock=clock, ids=ids)
    return Payments(
        gateways=gateways,
        opening=PaymentOpening(gateways=gateways, clock=clock, ids=ids),
        refunding=refunding,
        driving=driving,
        taking=taking,
        reading=PaymentReading(units=units),
        calling_off=CallingOff(units=units, gateways=gateways, taking=taking, clock=clock),
        holds=HoldMoving(units=units, driving=driving, idempotency=parts.idempotency, clock=clock, ids=ids),
        administration=PaymentAdministration(
            units=units,
            gateways=gateways,
            taking=taking,
            refunding=refunding,
            driving=driving,
            idempotency=parts.idempotency,
            clock=clock,
        ),
        methods=methods,
        callbacks=callbacks,
        janitor=Janitor(
            units=units, gateways=gateways, taking=taking, clock=clock, real_time=parts.real_time
        ),
        reactions=PaymentReactions(units=units, driving=driving, callbacks=callbacks, methods=methods),
    )
