"""Payments: steps that open them, the use cases that drive them, and the port to gateways."""

from multiproduct.application.payments.driving import Driven, PaymentDriving
from multiproduct.application.payments.facade import Payments
from multiproduct.application.payments.gateways import Feature, Gateway, Gateways, InternalGateway, NotSent
from multiproduct.application.payments.opening import NewPayment, PaymentOpening
from multiproduct.application.payments.ports import PaymentFilter, PaymentsUnit
from multiproduct.application.payments.refunding import NewRefund, Refunding
from multiproduct.application.payments.results import PaymentView, RefundView

__all__ = [
    "Driven",
    "Feature",
    "Gateway",
    "Gateways",
    "InternalGateway",
    "NewPayment",
    "NewRefund",
    "NotSent",
    "PaymentDriving",
    "PaymentFilter",
    "PaymentOpening",
    "PaymentView",
    "Payments",
    "PaymentsUnit",
    "RefundView",
    "Refunding",
]
