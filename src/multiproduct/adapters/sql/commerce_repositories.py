"""The repositories of what is for sale, sold, paid and booked, each made when a unit first asks for it."""

from functools import cached_property

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


class SqlCommerceRepositories(SqlRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @cached_property
    def products(self) -> SqlProducts:
        return SqlProducts(self._lane, self.track)

    @cached_property
    def plans(self) -> SqlPlans:
        return SqlPlans(self._lane, self.track)

    @cached_property
    def coupons(self) -> SqlCoupons:
        return SqlCoupons(self._lane, self.track)

    @cached_property
    def meters(self) -> SqlMeters:
        return SqlMeters(self._lane, self.track)

    @cached_property
    def metered_prices(self) -> SqlMeteredPrices:
        return SqlMeteredPrices(self._lane)

    @cached_property
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self._lane, self.track)

    @cached_property
    def subscription_trials(self) -> SqlTrials:
        return SqlTrials(self._lane)

    @cached_property
    def subscription_charges(self) -> SqlCharges:
        return SqlCharges(self._lane)

    @cached_property
    def usage_events(self) -> SqlUsageEvents:
        return SqlUsageEvents(self._lane)

    @cached_property
    def payments(self) -> SqlPayments:
        return SqlPayments(self._lane, self.track)

    @cached_property
    def payment_attempts(self) -> SqlAttempts:
        return SqlAttempts(self._lane, self.track)

    @cached_property
    def payment_refunds(self) -> SqlRefunds:
        return SqlRefunds(self._lane, self.track)

    @cached_property
    def payment_methods(self) -> SqlStoredMethods:
        return SqlStoredMethods(self._lane, self.track)

    @cached_property
    def payment_notices(self) -> SqlNotices:
        return SqlNotices(self._lane)

    @cached_property
    def orders(self) -> SqlOrders:
        return SqlOrders(self._lane, self.track)

    @cached_property
    def invoices(self) -> SqlInvoices:
        return SqlInvoices(self._lane, self.track)

    @cached_property
    def invoice_numbers(self) -> SqlNumbers:
        return SqlNumbers(self._lane)

    @cached_property
    def credit_notes(self) -> SqlCreditNotes:
        return SqlCreditNotes(self._lane, self.track)

    @cached_property
    def settlements(self) -> SqlSettlements:
        return SqlSettlements(self._lane, self.track)

    @cached_property
    def tax_rules(self) -> SqlTaxRules:
        return SqlTaxRules(self._lane, self.track)

    @cached_property
    def billing_customers(self) -> SqlCustomers:
        return SqlCustomers(self._lane, self.track)

    @cached_property
    def billing_movements(self) -> SqlMovements:
        return SqlMovements(self._lane)

    @cached_property
    def ledger_accounts(self) -> SqlLedgerAccounts:
        return SqlLedgerAccounts(self._lane, self.track)

    @cached_property
    def ledger_journal(self) -> SqlLedgerJournal:
        return SqlLedgerJournal(self._lane)

    @cached_property
    def ledger_periods(self) -> SqlLedgerPeriods:
        return SqlLedgerPeriods(self._lane)

    @cached_property
    def ledger_chain(self) -> SqlLedgerChain:
        return SqlLedgerChain(self._lane)
