"""Puts the context's steps and use cases together from the ports they need."""

from collections.abc import Collection
from dataclasses import dataclass

from multiproduct.application.billing.account_keeping import AccountKeeping
from multiproduct.application.billing.allocating import Allocating
from multiproduct.application.billing.books import Books
from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.customers import Customers
from multiproduct.application.billing.documents import Documents
from multiproduct.application.billing.facade import Billing
from multiproduct.application.billing.invoice_document import Brand
from multiproduct.application.billing.invoice_keeping import InvoiceKeeping
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.line_naming import LineNaming
from multiproduct.application.billing.order_keeping import OrderKeeping
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.paying import Paying
from multiproduct.application.billing.payment_outcomes import PaymentOutcomes
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.printing_ports import InvoicePrinter
from multiproduct.application.billing.reading import BillingReading
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.billing.settling import Settling
from multiproduct.application.billing.statement_documents import StatementDocuments
from multiproduct.application.billing.tending import Tending
from multiproduct.application.billing.voiding import Voiding
from multiproduct.application.catalog import CouponRedeeming
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Accounts, Posting
from multiproduct.application.payments import PaymentDriving, PaymentOpening, Refunding
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingParts:
    """What the context is made from. `default_gateway` holds where none is named."""

    units: Units[BillingUnit]
    clock: Clock
    real_time: RealTime
    ids: Ids
    idempotency: Idempotency
    policy: SellingPolicy
    accounts: Accounts
    posting: Posting
    coupons: CouponRedeeming
    opening: PaymentOpening
    refunding: Refunding
    driving: PaymentDriving
    printer: InvoicePrinter
    translator: Translator
    brand: Brand
    gateways: Collection[str]
    default_gateway: str
    source_language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    books: Books
    voiding: Voiding
    ordering: Ordering
    allocating: Allocating
    invoicing: Invoicing
    settling: Settling
    crediting: Crediting


def wire_billing(parts: BillingParts) -> Billing:
    """The context's steps and use cases."""
    steps = _steps(parts)
    units, clock = parts.units, parts.clock
    accounts = AccountKeeping(units=units, clock=clock, ids=parts.ids, idempotency=parts.idempotency)
    return Billing(
        ordering=steps.ordering,
        invoicing=steps.invoicing,
        settling=steps.settling,
        crediting=steps.crediting,
        voiding=steps.voiding,
        orders=OrderKeeping(
            units=units,
            clock=clock,
            idempotency=parts.idempotency,
            ordering=steps.ordering,
        ),
        invoices=InvoiceKeeping(
            units=units,
            clock=clock,
            idempotency=parts.idempotency,
            invoicing=steps.invoicing,
            crediting=steps.crediting,
            voiding=steps.voiding,
        ),
        paying=Paying(
            units=units,
            clock=clock,
            idempotency=parts.idempotency,
            settling=steps.settling,
            driving=parts.driving,
            gateways=parts.gateways,
            default_gateway=parts.default_gateway,
        ),
        reading=BillingReading(units=units),
        accounts=accounts,
        statements=StatementDocuments(
            units=units,
            accounts=accounts,
            customers=Customers(),
            policy=parts.policy,
            printer=parts.printer,
            translator=parts.translator,
            brand=parts.brand,
        ),
        documents=Documents(units=units, policy=parts.policy, printer=parts.printer, brand=parts.brand),
        tending=Tending(
            units=units,
            clock=clock,
            real_time=parts.real_time,
            ordering=steps.ordering,
            policy=parts.policy,
        ),
        outcomes=PaymentOutcomes(
            clock=clock,
            ordering=steps.ordering,
            settling=steps.settling,
            invoicing=steps.invoicing,
            allocating=steps.allocating,
            books=steps.books,
            refunding=parts.refunding,
        ),
    )


def _steps(parts: BillingParts) -> _Steps:
    clock, ids = parts.clock, parts.ids
    books = Books(accounts=parts.accounts, posting=parts.posting, ids=ids)
    voiding = Voiding(clock=clock, books=books)
    crediting = Crediting(clock=clock, ids=ids, policy=parts.policy, books=books, refunding=parts.refunding)
    ordering = Ordering(clock=clock, ids=ids, voiding=voiding, crediting=crediting, coupons=parts.coupons)
    allocating = Allocating(clock=clock, books=books)
    return _Steps(
        books=books,
        voiding=voiding,
        ordering=ordering,
        allocating=allocating,
        invoicing=Invoicing(
            clock=clock,
            ids=ids,
            policy=parts.policy,
            ordering=ordering,
            customers=Customers(),
            books=books,
            allocating=allocating,
            naming=LineNaming(language=parts.source_language, translator=parts.translator),
        ),
        settling=Settling(clock=clock, ids=ids, opening=parts.opening, allocating=allocating),
        crediting=crediting,
    )
