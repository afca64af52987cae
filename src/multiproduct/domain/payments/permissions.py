"""The permissions of payments. Admin has all of them; one's own payments and methods need none."""

from collections.abc import Mapping
from types import MappingProxyType

PAYMENTS_READ = "payments.payment.read"
PAYMENTS_CONFIRM = "payments.payment.confirm"
PAYMENTS_REFUND = "payments.payment.refund"
PAYMENTS_CAPTURE = "payments.payment.capture"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        PAYMENTS_READ: "List and read everybody's payments.",
        PAYMENTS_CONFIRM: "Confirm and reject payments by hand.",
        PAYMENTS_REFUND: "Give payments back, wholly or in part.",
        PAYMENTS_CAPTURE: "Capture and release held amounts.",
    }
)
"""What each permission of this context allows."""
