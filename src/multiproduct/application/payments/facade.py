"""Payments as a whole: steps for the contexts above, use cases for everybody."""

from dataclasses import dataclass

from multiproduct.application.payments.administration import PaymentAdministration
from multiproduct.application.payments.callbacks import CallbackIntake
from multiproduct.application.payments.calling_off import CallingOff, HoldMoving
from multiproduct.application.payments.driving import PaymentDriving
from multiproduct.application.payments.gateways import Gateways
from multiproduct.application.payments.janitor import Janitor
from multiproduct.application.payments.method_keeping import MethodKeeping
from multiproduct.application.payments.opening import PaymentOpening
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.reactions import PaymentReactions
from multiproduct.application.payments.reading import PaymentReading
from multiproduct.application.payments.refunding import Refunding


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """`opening`, `refunding`, and parts of `calling_off` and `holds` are steps; the rest opens its own
    units."""

    gateways: Gateways
    opening: PaymentOpening
    refunding: Refunding
    driving: PaymentDriving
    taking: OutcomeTaking
    reading: PaymentReading
    calling_off: CallingOff
    holds: HoldMoving
    administration: PaymentAdministration
    methods: MethodKeeping
    callbacks: CallbackIntake
    janitor: Janitor
    reactions: PaymentReactions
