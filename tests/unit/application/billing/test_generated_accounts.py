"""Generated sequences of issuing, paying, crediting, refunding and voiding, against a bookkeeper's oracle."""

import random
from datetime import timedelta
from typing import Any

import pytest
from tests.billing_house import BEGINNING, STARK_PAY, House, a_house, by_staff
from tests.campaigns import proof_scale
from tests.oracles.customer_account import Account

from multiproduct.application.billing import NewCredit
from multiproduct.application.billing.commands import ReadAccountStatement
from multiproduct.domain.billing import Invoice, RefundTo
from multiproduct.domain.billing.errors import (
    CreditTooLarge,
    InvoiceHasPayments,
    InvoiceNotOpen,
    NothingToPay,
    RefundNotPossible,
)
from multiproduct.domain.shared import Currency, Money

STEPS = 40


class Story:
    """One customer, one currency, and what both sides say of them."""

    def __init__(self, house: House, chance: random.Random, customer: Any, currency: Currency) -> None:
        self.house, self.chance, self.customer, self.currency = house, chance, customer, currency
        self.account = Account()
        self.invoices: list[Invoice] = []

    async def issue(self) -> None:
        # No amount that makes the sandbox decline: these end in 9901 to 9910.
        parts = [self.chance.randrange(1, 3_000) for _ in range(self.chance.randrange(1, 4))]
        self.invoices.append(await self.house.an_invoice(self.customer, *parts, currency=self.currency))
        self.account.issue(len(self.invoices) - 1, sum(parts))

    async def pay(self) -> None:
        if not self.invoices:
            return
        chosen = self.chance.sample(range(len(self.invoices)), min(len(self.invoices), 3))
        due = [each for each in chosen if self.account.due(each)]
        if len(due) < len(chosen):
            with pytest.raises((InvoiceNotOpen, NothingToPay)):
                await self.house.pay(*(self.invoices[each] for each in chosen))
        if due:
            await self.house.pay(*(self.invoices[each] for each in due))
            self.account.pay(due)

    async def credit(self) -> None:
        if not self.invoices:
            return
        index = self.chance.randrange(len(self.invoices))
        minor = self.chance.randrange(1, 4_000)
        refunds = self.chance.random() < 0.3
        new = NewCredit(
            invoice_id=self.invoices[index].id,
            amount=Money(minor, self.currency),
            refund_to=RefundTo.PAYMENT_METHOD if refunds else RefundTo.FUNDS,
        )

        async def credit(unit: Any) -> None:
            await self.house.billing.crediting.credit(unit, new)

        try:
            await self.house.do(credit)
        except (CreditTooLarge, InvoiceNotOpen):
            assert minor > self.account.creditable(index)
        except RefundNotPossible:
            # All that is left of it came without a payment of its own.
            assert refunds
            assert self.account.refundable(index) == 0 < minor - self.account.due(index)
        else:
            assert minor <= self.account.creditable(index)
            self.account.credit(index, minor, refunds=refunds)
            if refunds:
                await self._give_back()

    async def void(self) -> None:
        if not self.invoices:
            return
        index = self.chance.randrange(len(self.invoices))

        async def void(unit: Any) -> None:
            await self.house.billing.voiding.void(unit, await unit.invoices.find(self.invoices[index].id))

        untouched = self.account.due(index) == self.account.total("issue", index) > 0
        if untouched:
            await self.house.do(void)
            self.account.void(index)
        else:
            with pytest.raises((InvoiceNotOpen, InvoiceHasPayments)):
                await self.house.do(void)

    async def _give_back(self) -> None:
        async with self.house.units.view(by_staff()) as view:
            for invoice in self.invoices:
                for settlement in await view.settlements.of_invoice(invoice.id):
                    for refund in await view.payment_refunds.of_payment(settlement.payment_id):
                        await self.house.payments.driving.drive_refund(refund.id)

    async def compare(self) -> None:
        code = self.currency.code
        for index, invoice in enumerate(self.invoices):
            kept = await self.house.invoice(invoice.id)
            assert kept.due_minor == self.account.due(index)
            assert kept.creditable_minor == (
                kept.total_minor if self.account.is_void(index) else self.account.creditable(index)
            )
        balance = self.house.balance
        assert await balance(f"receivable:{self.customer}:{code}") == self.account.receivable()
        assert await balance(f"customer_funds:{self.customer}:{code}") == self.account.funds()
        assert await balance(f"revenue:{code}") == self.account.revenue()
        taken = self.account.total("pay") - self.account.total("refund")
        assert await balance(f"gateway:{STARK_PAY}:{code}") == taken
        statement = await self.house.billing.accounts.statement(
            ReadAccountStatement(
                customer_id=self.customer, currency=code, until=BEGINNING + timedelta(days=400)
            ),
            by_staff(self.customer),
        )
        owed = Money(self.account.receivable() - self.account.funds(), self.currency)
        assert statement.closing_balance.amount == str(owed)


@pytest.mark.parametrize("seed", range(proof_scale(6, 200)))
@pytest.mark.parametrize("code", ["USD", "JPY", "KWD"])
async def test_invoices_account_and_ledger_agree_with_the_oracle(seed: int, code: str) -> None:
    house = a_house()
    chance = random.Random(f"{seed}{code}")
    story = Story(house, chance, await house.a_customer(), Currency(code))
    for _ in range(STEPS):
        move = chance.choice([story.issue, story.pay, story.credit, story.credit, story.void])
        await move()
        house.clock.move(timedelta(hours=1))
    await story.compare()
