"""The whole of billing: its steps for the contexts above, and its use cases."""

from dataclasses import dataclass

from multiproduct.application.billing.account_keeping import AccountKeeping
from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.documents import Documents
from multiproduct.application.billing.invoice_keeping import InvoiceKeeping
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.order_keeping import OrderKeeping
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.paying import Paying
from multiproduct.application.billing.payment_outcomes import PaymentOutcomes
from multiproduct.application.billing.reading import BillingReading
from multiproduct.application.billing.settling import Settling
from multiproduct.application.billing.statement_documents import StatementDocuments
from multiproduct.application.billing.tending import Tending
from multiproduct.application.billing.voiding import Voiding


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Steps: `ordering`, `invoicing`, `settling`, `crediting`, `voiding`. The others are use cases."""

    ordering: Ordering
    invoicing: Invoicing
    settling: Settling
    crediting: Crediting
    voiding: Voiding
    orders: OrderKeeping
    invoices: InvoiceKeeping
    paying: Paying
    reading: BillingReading
    accounts: AccountKeeping
    documents: Documents
    statements: StatementDocuments
    tending: Tending
    outcomes: PaymentOutcomes
