"""Putting billing together: the seller that the settings name, the printer, and the jobs that tend to it."""

from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from multiproduct.application.billing import HOUSE, SellingPolicy
from multiproduct.application.billing.documents import Documents
from multiproduct.application.billing.facade import Billing
from multiproduct.application.billing.invoice_document import Brand, PrintableDocument
from multiproduct.application.billing.printing_ports import InvoicePrinter
from multiproduct.application.billing.wiring import BillingParts, wire_billing
from multiproduct.application.catalog import Catalog
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Ledger
from multiproduct.application.payments import Payments
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.domain.billing import NumberFormat, Party, PaymentTerms, ReminderPlan, Seller, TaxRounding
from multiproduct.domain.shared import NotConfigured
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def billing_of(
    assembly: "Assembly", units: Units[Any], *, catalog: Catalog, ledger: Ledger, payments: Payments
) -> Billing:
    """The steps and use cases of billing on these units."""
    return wire_billing(
        BillingParts(
            units=units,
            clock=assembly.clock,
            real_time=assembly.real_time,
            ids=assembly.ids,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            policy=selling_policy(assembly.settings),
            accounts=ledger.accounts,
            posting=ledger.posting,
            coupons=catalog.coupon_redeeming,
            opening=payments.opening,
            refunding=payments.refunding,
            driving=payments.driving,
            printer=LatePrinter(assembly),
            translator=assembly.translator,
            brand=paper_brand_of(assembly),
            gateways=payments.gateways.names,
            default_gateway=assembly.settings.default_gateway,
            source_language=assembly.settings.translation_source,
        )
    )


def documents_of(assembly: "Assembly", units: Units[Any]) -> Documents:
    """Invoices as files, for those who send them."""
    return Documents(
        units=units,
        policy=selling_policy(assembly.settings),
        printer=LatePrinter(assembly),
        brand=paper_brand_of(assembly),
    )


def paper_brand_of(assembly: "Assembly") -> Brand:
    """Whose invoices they are, in the colour of mails on light screens."""
    return Brand(
        name=assembly.brand.name,
        colour=assembly.brand.light.accent,
        support_email=assembly.brand.support_email,
        support_url=assembly.brand.support_url,
    )


def billing_jobs(billing: Billing) -> Sequence[Job]:
    """What billing does by itself."""
    return (
        Job("billing.expire_orders", timedelta(minutes=5), billing.tending.expire_orders),
        Job("billing.remind", timedelta(hours=1), billing.tending.remind),
    )


def selling_policy(settings: Settings) -> SellingPolicy:
    """How the installation sells. Raises ValueError for a format of numbers that is none."""
    party = Party(
        name=settings.seller_name or settings.brand_name,
        address=tuple(line.strip() for line in settings.seller_address.split("|") if line.strip()),
        country=settings.seller_country,
        region=settings.seller_region,
        tax_id=settings.seller_tax_id or None,
        email=settings.seller_email or settings.support_email,
    )
    days = tuple(int(day) for day in settings.reminder_days.split(",") if day.strip())
    return SellingPolicy(
        sellers={HOUSE: Seller(key=HOUSE, party=party)},
        number_format=NumberFormat(settings.invoice_number_format),
        rounding=TaxRounding(settings.tax_rounding),
        terms=PaymentTerms(
            term=timedelta(days=settings.payment_term_days), reminders=ReminderPlan(days=days)
        ),
        instructions=settings.payment_instructions or None,
    )


class LatePrinter:
    """Loads what prints with the first document: most processes print none."""

    def __init__(self, assembly: "Assembly") -> None:
        self._assembly = assembly
        self._printer: InvoicePrinter | None = None

    async def pdf(self, document: PrintableDocument) -> bytes:
        """See `InvoicePrinter`. Raises NotConfigured where Typst is not installed."""
        if self._printer is None:
            self._printer = self._load()
        return await self._printer.pdf(document)

    def _load(self) -> InvoicePrinter:
        if find_spec("typst") is None:
            raise NotConfigured(what="invoices as PDF")
        from multiproduct.adapters.babel.figures import BabelFigures  # noqa: PLC0415 - only where it is used
        from multiproduct.adapters.typst import TypstInvoicePrinter, font_folders  # noqa: PLC0415 - likewise

        return TypstInvoicePrinter(
            translator=self._assembly.translator,
            figures=BabelFigures(translator=self._assembly.translator),
            fonts=font_folders(),
        )
