"""What every store of billing's documents keeps its promises by."""

from dataclasses import replace
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.billing_builders import (
    a_billing_customer,
    a_covering_line,
    a_credit_note,
    a_movement,
    a_settlement,
    a_tax_rule,
    an_invoice,
    an_order,
)
from multiproduct.adapters.contracts.builders import DAY, HOUR, NOW, a_user, a_user_id, a_uuid
from multiproduct.application.billing.ports import BillingUnit, Place, Wanted
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.billing import (
    InvoiceStatus,
    Order,
    OrderInvoiced,
    OrderStatus,
    PeriodInvoiced,
    Series,
    SettlementStatus,
)
from multiproduct.domain.shared import StaleAggregate

SERIES = Series(seller="house", name="INV", year=2026)


async def _kept_order(units: Units[BillingUnit], order: Order | None = None) -> Order:
    kept = order or an_order()
    async with units.open(ANYBODY) as unit:
        await unit.orders.add(kept)
        await unit.commit()
    return kept


class OrdersContract:
    """Needs the fixture `units`."""

    async def test_every_field_comes_back(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        async with units.view(ANYBODY) as view:
            assert await view.orders.find(order.id) == order
            assert await view.orders.find(a_uuid()) is None

    async def test_a_stale_one_is_not_written(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        async with units.open(ANYBODY) as unit:
            kept = await unit.orders.find(order.id)
            assert kept is not None
            kept.complete(now=NOW + HOUR)
            await unit.orders.save(kept)
            with pytest.raises(StaleAggregate):
                await unit.orders.save(order)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.orders.find(order.id) == kept

    async def test_pages_are_the_latest_first_and_go_on_where_they_ended(
        self, units: Units[BillingUnit]
    ) -> None:
        customer = a_user_id()
        orders = [
            await _kept_order(units, replace(an_order(), customer_id=customer, created_at=NOW + n * HOUR))
            for n in range(5)
        ]
        orders.reverse()
        wanted = Wanted(customer_id=customer)
        async with units.view(ANYBODY) as view:
            first = await view.orders.page(wanted, after=None, limit=2)
            place = Place(at=first[-1].created_at, id=first[-1].id)
            rest = await view.orders.page(wanted, after=place, limit=10)
            none = await view.orders.page(replace(wanted, status="completed"), after=None, limit=10)
        assert ([*first, *rest], none) == (orders, [])

    async def test_what_expired_is_leased_once_until_the_lease_or_a_save(
        self, units: Units[BillingUnit]
    ) -> None:
        due = await _kept_order(units, replace(an_order(), expires_at=NOW))
        await _kept_order(units, replace(an_order(), expires_at=NOW + HOUR))
        await _kept_order(units, replace(an_order(), expires_at=NOW, status=OrderStatus.COMPLETED))

        async def lease(at: timedelta) -> list[object]:
            async with units.open(ANYBODY) as unit:
                leased = await unit.orders.lease_expired(
                    [OrderStatus.PENDING, OrderStatus.FAILED],
                    now=NOW,
                    leased_at=NOW + at,
                    until=NOW + at + HOUR,
                    limit=10,
                )
                await unit.commit()
            return list(leased)

        assert await lease(timedelta()) == [due.id]
        assert await lease(timedelta()) == []
        assert await lease(HOUR) == [due.id]


class InvoicesContract:
    """Needs the fixture `units`."""

    async def test_every_field_comes_back(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        invoice = an_invoice(order)
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(invoice)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.invoices.find(invoice.id) == invoice
            assert await view.invoices.of_order(order.id) == invoice
            assert await view.invoices.find_many([a_uuid(), invoice.id]) == [invoice]
            assert await view.invoices.count(invoice.customer_id, InvoiceStatus.OPEN) == 1

    async def test_an_order_has_one_that_counts(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        first, second = an_invoice(order), an_invoice(order)
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(first)
            with pytest.raises(OrderInvoiced):
                await unit.invoices.add(second)
            first.void(now=NOW + HOUR)
            await unit.invoices.save(first)
            await unit.invoices.add(second)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.invoices.of_order(order.id) == second

    async def test_a_period_is_covered_once(self, units: Units[BillingUnit]) -> None:
        line = a_covering_line()
        one, other = await _kept_order(units), await _kept_order(units)
        first, second = an_invoice(one, line), an_invoice(other, replace(line, id=a_uuid()))
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(first)
            await unit.commit()
        with pytest.raises(PeriodInvoiced):
            async with units.open(ANYBODY) as unit:
                await unit.invoices.add(second)
        subject, beginning = line.subject, line.period_start
        assert subject is not None
        assert beginning is not None
        async with units.open(ANYBODY) as unit:
            assert await unit.invoices.is_covered(subject, beginning)
            assert not await unit.invoices.is_covered(subject, beginning + HOUR)
            assert not await unit.invoices.is_covered(replace(subject, id=a_uuid()), beginning)
            kept = await unit.invoices.find(first.id)
            assert kept is not None
            kept.void(now=NOW + HOUR)
            await unit.invoices.save(kept)
            assert not await unit.invoices.is_covered(subject, beginning)
            await unit.invoices.add(second)
            await unit.commit()

    async def test_a_period_of_which_everything_was_credited_can_be_covered_again(
        self, units: Units[BillingUnit]
    ) -> None:
        line = a_covering_line()
        one, other = await _kept_order(units), await _kept_order(units)
        first, second = an_invoice(one, line), an_invoice(other, replace(line, id=a_uuid()))
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(first)
            first.credit(first.total_minor - 1, now=NOW)
            await unit.invoices.save(first)
            await unit.commit()
        with pytest.raises(PeriodInvoiced):
            async with units.open(ANYBODY) as unit:
                await unit.invoices.add(second)
        async with units.open(ANYBODY) as unit:
            kept = await unit.invoices.find(first.id)
            assert kept is not None
            kept.credit(1, now=NOW)
            await unit.invoices.save(kept)
            await unit.invoices.add(second)
            await unit.commit()

    async def test_a_payment_takes_those_that_are_owed_and_free(self, units: Units[BillingUnit]) -> None:
        orders = [await _kept_order(units) for _ in range(3)]
        owed, void, taken = (an_invoice(order) for order in orders)
        void.void(now=NOW)
        settlement, other = a_uuid(), a_uuid()
        async with units.open(ANYBODY) as unit:
            for invoice in (owed, void, taken):
                await unit.invoices.add(invoice)
            assert await unit.invoices.take([taken.id], other) == 1
            assert await unit.invoices.take([owed.id, void.id, taken.id], settlement) == 1
            await unit.commit()
        async with units.view(ANYBODY) as view:
            found = await view.invoices.find_many([owed.id, void.id, taken.id])
        assert [each.settlement_id for each in found] == [settlement, None, other]
        assert found[0].version == owed.version + 1

    async def test_numbers_go_on_and_moments_never_go_back(self, units: Units[BillingUnit]) -> None:
        async def take(series: Series, at: timedelta, *, commits: bool = True) -> tuple[int, timedelta]:
            async with units.open(ANYBODY) as unit:
                taken = await unit.invoice_numbers.take(series, at=NOW + at)
                if commits:
                    await unit.commit()
            return taken.sequence, taken.issued_at - NOW

        assert await take(SERIES, HOUR) == (1, HOUR)
        assert await take(SERIES, DAY, commits=False) == (2, DAY)
        assert await take(SERIES, timedelta()) == (2, HOUR)
        assert await take(replace(SERIES, year=2027), timedelta()) == (1, timedelta())


class BillingAccountsContract:
    """Needs the fixture `units`."""

    async def test_credit_notes_come_back(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        invoice = an_invoice(order)
        note = a_credit_note(invoice)
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(invoice)
            await unit.credit_notes.add(note)
            note.refunded_minor = 1
            await unit.credit_notes.save(note)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.credit_notes.find(note.id) == note
            assert await view.credit_notes.of_invoice(invoice.id) == [note]
            wanted = Wanted(customer_id=note.customer_id)
            assert await view.credit_notes.page(wanted, after=None, limit=5) == [note]

    async def test_settlements_come_back_with_what_was_allocated(self, units: Units[BillingUnit]) -> None:
        order = await _kept_order(units)
        invoice = an_invoice(order)
        settlement = a_settlement(invoice)
        async with units.open(ANYBODY) as unit:
            await unit.invoices.add(invoice)
            await unit.settlements.add(settlement)
            settlement.settle(500, {invoice.id: 500}, now=NOW + HOUR)
            await unit.settlements.save(settlement)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            found = await view.settlements.find(settlement.id)
            assert found == settlement
            assert found is not None
            assert found.status is SettlementStatus.PARTIAL
            assert await view.settlements.of_invoice(invoice.id) == [settlement]

    async def test_tax_rules_of_a_country_are_those_that_are_good(self, units: Units[BillingUnit]) -> None:
        good, over, other = a_tax_rule("DE"), a_tax_rule("DE"), a_tax_rule("FR")
        over.end(at=NOW, now=NOW)
        async with units.open(ANYBODY) as unit:
            for rule in (good, over, other):
                await unit.tax_rules.add(rule)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.tax_rules.of_country("DE", at=NOW) == [good]
            assert await view.tax_rules.find(over.id) == over

    async def test_what_customers_want_is_kept_and_forgotten(self, units: Units[BillingUnit]) -> None:
        user = a_user()
        customer = a_billing_customer(user.id)
        async with units.open(ANYBODY) as unit:
            await unit.users.add(user)
            await unit.billing_customers.save(customer)
            with pytest.raises(StaleAggregate):
                await unit.billing_customers.save(a_billing_customer(user.id))
            await unit.commit()
        async with units.open(ANYBODY) as unit:
            assert await unit.billing_customers.find(user.id) == customer
            await unit.billing_customers.remove(user.id)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.billing_customers.find(user.id) is None

    async def test_balances_are_sums_of_movements(self, units: Units[BillingUnit]) -> None:
        customer = a_user_id()
        movements = [a_movement(customer, minor, at=NOW + n * HOUR) for n, minor in enumerate((100, -40, 5))]
        async with units.open(ANYBODY) as unit:
            for movement in (*movements, replace(a_movement(customer, 7, at=NOW), currency="EUR")):
                await unit.billing_movements.add(movement)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            kept = view.billing_movements
            assert await kept.balance(customer, "USD", before=None) == 65
            assert await kept.balance(customer, "USD", before=NOW + 2 * HOUR) == 60
            found = await kept.between(customer, "USD", since=NOW, until=NOW + 2 * HOUR, limit=10)
            assert found == movements[:2]
            assert await kept.currencies(customer) == ["EUR", "USD"]
