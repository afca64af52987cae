"""Statements of account as documents: what the printer is given, and the file that comes of it."""

from datetime import timedelta

from multiproduct.application.billing.account_keeping import AccountKeeping
from multiproduct.application.billing.account_results import AccountMovementView, AccountStatementView
from multiproduct.application.billing.commands import ReadAccountStatement
from multiproduct.application.billing.customers import Customers
from multiproduct.application.billing.documents import printed_party
from multiproduct.application.billing.invoice_document import Brand, StatementDocument, StatementEntry
from multiproduct.application.billing.new_documents import HOUSE
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.printing_ports import InvoicePrinter
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.caller import Caller
from multiproduct.application.money import MoneyView
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.shared import Currency, Money

_MOMENT = timedelta(microseconds=1)


class StatementDocuments:
    """Made when it is asked for and kept nowhere, as invoices are."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        accounts: AccountKeeping,
        customers: Customers,
        policy: SellingPolicy,
        printer: InvoicePrinter,
        translator: Translator,
        brand: Brand,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._customers = customers
        self._policy = policy
        self._printer = printer
        self._translator = translator
        self._brand = brand

    async def pdf(self, command: ReadAccountStatement, caller: Caller) -> bytes:
        """The PDF of a statement in the customer's language: one's own, another's with
        `billing.statement.read`. Raises what `AccountKeeping.statement` does, Unavailable, NotConfigured."""
        statement = await self._accounts.statement(command, caller)
        async with self._units.view(caller) as view:
            customer = await self._customers.invoiced(view, statement.customer_id)
        currency, locale = Currency(statement.currency), customer.locale
        entries = tuple(self._entry(each, locale) for each in statement.entries)
        last_day = max(statement.since, statement.until - _MOMENT).date()
        document = StatementDocument(
            number=_number(statement),
            issued_on=statement.until.date(),
            period_start=statement.since.date(),
            period_end=last_day,
            currency=currency,
            locale=locale,
            seller=printed_party(self._policy.seller(HOUSE).party),
            customer=printed_party(customer.party),
            brand=self._brand,
            opening_balance=_money(statement.opening_balance),
            entries=entries,
            total_charged=_sum([each.charge for each in entries], currency),
            total_paid=_sum([each.payment for each in entries], currency),
            closing_balance=_money(statement.closing_balance),
        )
        return await self._printer.pdf(document)

    def _entry(self, entry: AccountMovementView, locale: str) -> StatementEntry:
        amount = _money(entry.amount)
        return StatementEntry(
            entered_on=entry.at.date(),
            description=self._translator.text(f"print.entry.{entry.kind}", locale=locale),
            reference=entry.reference or None,
            charge=amount if amount.minor >= 0 else None,
            payment=-amount if amount.minor < 0 else None,
            balance=_money(entry.balance),
        )


def _number(statement: AccountStatementView) -> str:
    """No series of its own: the same question on the same day has the same number."""
    return f"ST-{statement.until:%Y%m%d}-{statement.customer_id.hex[-8:].upper()}-{statement.currency}"


def _money(view: MoneyView) -> Money:
    return Money.parse(view.amount, Currency(view.currency))


def _sum(amounts: list[Money | None], currency: Currency) -> Money:
    return sum((each for each in amounts if each is not None), Money.zero(currency))
