"""The repositories of what is for sale, sold, paid and booked, each made when a unit first asks for it."""

from multiproduct.adapters.memory.billing import MemoryInvoices, MemoryNumbers, MemoryOrders
from multiproduct.adapters.memory.billing_accounts import (
    MemoryCreditNotes,
    MemoryCustomers,
    MemoryMovements,
    MemorySettlements,
    MemoryTaxRules,
)
from multiproduct.adapters.memory.catalog import MemoryPlans, MemoryProducts
from multiproduct.adapters.memory.catalog_coupons import MemoryCoupons, MemoryMeteredPrices, MemoryMeters
from multiproduct.adapters.memory.ledger import (
    MemoryLedgerAccounts,
    MemoryLedgerJournal,
    MemoryLedgerPeriods,
)
from multiproduct.adapters.memory.ledger_chain import MemoryLedgerChain
from multiproduct.adapters.memory.payments import (
    MemoryGatewayCalls,
    MemoryNotices,
    MemoryPayments,
    MemoryStoredMethods,
)
from multiproduct.adapters.memory.repositories import MemoryRepositories
from multiproduct.adapters.memory.subscriptions import (
    MemoryCharges,
    MemorySubscriptions,
    MemoryTrials,
    MemoryUsageEvents,
)
from multiproduct.application.made_once import made_once
from multiproduct.domain.payments import Attempt, Refund


class MemoryCommerceRepositories(MemoryRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @made_once
    def products(self) -> MemoryProducts:
        return MemoryProducts(stage=self._stage.catalog, track=self.track)

    @made_once
    def plans(self) -> MemoryPlans:
        return MemoryPlans(stage=self._stage.catalog, track=self.track)

    @made_once
    def coupons(self) -> MemoryCoupons:
        return MemoryCoupons(stage=self._stage.catalog, track=self.track)

    @made_once
    def meters(self) -> MemoryMeters:
        return MemoryMeters(stage=self._stage.catalog, track=self.track)

    @made_once
    def metered_prices(self) -> MemoryMeteredPrices:
        return MemoryMeteredPrices(stage=self._stage.catalog)

    @made_once
    def subscriptions(self) -> MemorySubscriptions:
        return MemorySubscriptions(stage=self._stage.subscriptions, track=self.track)

    @made_once
    def subscription_trials(self) -> MemoryTrials:
        return MemoryTrials(stage=self._stage.subscriptions)

    @made_once
    def subscription_charges(self) -> MemoryCharges:
        return MemoryCharges(stage=self._stage.subscriptions)

    @made_once
    def usage_events(self) -> MemoryUsageEvents:
        return MemoryUsageEvents(stage=self._stage.subscriptions)

    @made_once
    def payments(self) -> MemoryPayments:
        return MemoryPayments(stage=self._stage.payments, track=self.track)

    @made_once
    def payment_attempts(self) -> MemoryGatewayCalls[Attempt]:
        return MemoryGatewayCalls(rows=self._stage.payments.attempts, track=self.track)

    @made_once
    def payment_refunds(self) -> MemoryGatewayCalls[Refund]:
        return MemoryGatewayCalls(rows=self._stage.payments.refunds, track=self.track)

    @made_once
    def payment_methods(self) -> MemoryStoredMethods:
        return MemoryStoredMethods(stage=self._stage.payments, track=self.track)

    @made_once
    def payment_notices(self) -> MemoryNotices:
        return MemoryNotices(stage=self._stage.payments)

    @made_once
    def orders(self) -> MemoryOrders:
        return MemoryOrders(stage=self._stage.billing, track=self.track)

    @made_once
    def invoices(self) -> MemoryInvoices:
        return MemoryInvoices(stage=self._stage.billing, track=self.track)

    @made_once
    def invoice_numbers(self) -> MemoryNumbers:
        return MemoryNumbers(stage=self._stage.billing)

    @made_once
    def credit_notes(self) -> MemoryCreditNotes:
        return MemoryCreditNotes(stage=self._stage.billing, track=self.track)

    @made_once
    def settlements(self) -> MemorySettlements:
        return MemorySettlements(stage=self._stage.billing, track=self.track)

    @made_once
    def tax_rules(self) -> MemoryTaxRules:
        return MemoryTaxRules(stage=self._stage.billing, track=self.track)

    @made_once
    def billing_customers(self) -> MemoryCustomers:
        return MemoryCustomers(stage=self._stage.billing, track=self.track)

    @made_once
    def billing_movements(self) -> MemoryMovements:
        return MemoryMovements(stage=self._stage.billing)

    @made_once
    def ledger_accounts(self) -> MemoryLedgerAccounts:
        return MemoryLedgerAccounts(stage=self._stage.ledger, track=self.track)

    @made_once
    def ledger_journal(self) -> MemoryLedgerJournal:
        return MemoryLedgerJournal(stage=self._stage.ledger)

    @made_once
    def ledger_periods(self) -> MemoryLedgerPeriods:
        return MemoryLedgerPeriods(stage=self._stage.ledger)

    @made_once
    def ledger_chain(self) -> MemoryLedgerChain:
        return MemoryLedgerChain(stage=self._stage.ledger)
