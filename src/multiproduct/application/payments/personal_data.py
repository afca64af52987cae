"""What payments have about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.identity.personal_data import MOST_RECORDS
from multiproduct.application.payments.ports import PaymentFilter, PaymentsUnit
from multiproduct.application.payments.results import PaymentMethodView, PaymentView


class PaymentsSource:
    """Payments and stored methods, as their owner is shown them; tokens are not."""

    name = "payments"

    async def export(self, view: PaymentsUnit, user_id: UUID) -> Any:
        """The newest first."""
        wanted = PaymentFilter(payer_id=user_id)
        payments = await view.payments.page(wanted, after=None, limit=MOST_RECORDS)
        methods = await view.payment_methods.of_user(user_id)
        return {
            "payments": [PaymentView.of(payment).model_dump(mode="json") for payment in payments],
            "methods": [PaymentMethodView.of(method).model_dump(mode="json") for method in methods],
        }
