"""The repositories of what is for sale, sold, paid and booked, each made when a unit first asks for it."""

from multiproduct.adapters.sql.billing import SqlInvoices, SqlNumbers, SqlOrders
from multiproduct.adapters.sql.billing_accounts import (
    SqlCreditNotes,
    SqlCustomers,
    SqlMovements,
    SqlSettlements,
    SqlTaxRules,
)
from multiproduct.adapters.sql.catalog import SqlPlans, SqlProducts
from multiproduct.adapters.sql.catalog_coupons import SqlCoupons
from multiproduct.adapters.sql.catalog_meters import SqlMeteredPrices, SqlMeters
from multiproduct.adapters.sql.gateway_calls import SqlAttempts, SqlRefunds
from multiproduct.adapters.sql.ledger import SqlLedgerJournal
from multiproduct.adapters.sql.ledger_accounts import SqlLedgerAccounts, SqlLedgerPeriods
from multiproduct.adapters.sql.ledger_chain import SqlLedgerChain
from multiproduct.adapters.sql.payments import SqlNotices, SqlPayments, SqlStoredMethods
from multiproduct.adapters.sql.repositories import SqlRepositories
from multiproduct.adapters.sql.subscription_charges import SqlCharges, SqlUsageEvents
from multiproduct.adapters.sql.subscriptions import SqlSubscriptions, SqlTrials
from multiproduct.application.made_once import made_once


class SqlCommerceRepositories(SqlRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @made_once
    def products(self) -> SqlProducts:
        return SqlProducts(self._lane, self.track)

    @made_once
    def plans(self) -> SqlPlans:
        return SqlPlans(self._lane, self.track)

    @made_once
    def coupons(self) -> SqlCoupons:
        return SqlCoupons(self._lane, self.track)

    @made_once
    def meters(self) -> SqlMeters:
        return SqlMeters(self._lane, self.track)

    @made_once
    def metered_prices(self) -> SqlMeteredPrices:
        return SqlMeteredPrices(self._lane)

    @made_once
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self._lane, self.track)

    @made_once
    def subscription_trials(self) -> SqlTrials:
        return SqlTrials(self._lane)

    @made_once
    def subscription_charges(self) -> SqlCharges:
        return SqlCharges(self._lane)

    @made_once
    def usage_events(self) -> SqlUsageEvents:
        return SqlUsageEvents(self._lane)

    @made_once
    def payments(self) -> SqlPayments:
        return SqlPayments(self._lane, self.track)

    @made_once
    def payment_attempts(self) -> SqlAttempts:
        return SqlAttempts(self._lane, self.track)

    @made_once
    def payment_refunds(self) -> SqlRefunds:
        return SqlRefunds(self._lane, self.track)

    @made_once
    def payment_methods(self) -> SqlStoredMethods:
        return SqlStoredMethods(self._lane, self.track)

    @made_once
    def payment_notices(self) -> SqlNotices:
        return SqlNotices(self._lane)

    @made_once
    def orders(self) -> SqlOrders:
        return SqlOrders(self._lane, self.track)

    @made_once
    def invoices(self) -> SqlInvoices:
        return SqlInvoices(self._lane, self.track)

    @made_once
    def invoice_numbers(self) -> SqlNumbers:
        return SqlNumbers(self._lane)

    @made_once
    def credit_notes(self) -> SqlCreditNotes:
        return SqlCreditNotes(self._lane, self.track)

    @made_once
    def settlements(self) -> SqlSettlements:
        return SqlSettlements(self._lane, self.track)

    @made_once
    def tax_rules(self) -> SqlTaxRules:
        return SqlTaxRules(self._lane, self.track)

    @made_once
    def billing_customers(self) -> SqlCustomers:
        return SqlCustomers(self._lane, self.track)

    @made_once
    def billing_movements(self) -> SqlMovements:
        return SqlMovements(self._lane)

    @made_once
    def ledger_accounts(self) -> SqlLedgerAccounts:
        return SqlLedgerAccounts(self._lane, self.track)

    @made_once
    def ledger_journal(self) -> SqlLedgerJournal:
        return SqlLedgerJournal(self._lane, self._account_memory)

    @made_once
    def ledger_periods(self) -> SqlLedgerPeriods:
        return SqlLedgerPeriods(self._lane)

    @made_once
    def ledger_chain(self) -> SqlLedgerChain:
        return SqlLedgerChain(self._lane)
