"""The entries that payments make in the ledger, within the transaction of the fact.

Taken: debit `gateway:<name>:<currency>`, credit `customer_funds:<payer>:<currency>`. Given back: the reverse,
set aside by a hold from the moment the refund is opened, so that nobody spends it meanwhile.
"""

from uuid import UUID

from multiproduct.application.ledger import Accounts, Holding, LedgerUnit, Posting
from multiproduct.domain.ledger import (
    AccountKind,
    AccountSpec,
    LedgerRefused,
    NewHold,
    NewTransaction,
    credit,
    debit,
)
from multiproduct.domain.payments import Attempt, Payment, Refund, RefundExceedsFunds, Taken


def gateway_account(gateway: str, currency: str) -> AccountSpec:
    """What a gateway owes us."""
    return AccountSpec(code=f"gateway:{gateway}:{currency}", kind=AccountKind.ASSET, currency=currency)


def funds_account(payer_id: UUID, currency: str) -> AccountSpec:
    """What we owe a payer; never below zero."""
    code = f"customer_funds:{payer_id}:{currency}"
    return AccountSpec.never_negative(code, AccountKind.LIABILITY, currency, owner_id=payer_id)


def fees_account(gateway: str, currency: str) -> AccountSpec:
    """What a gateway kept for its trouble."""
    return AccountSpec(code=f"gateway_fees:{gateway}:{currency}", kind=AccountKind.EXPENSE, currency=currency)


class Bookkeeping:
    """Steps: they book within the caller's unit, once for each attempt and refund."""

    def __init__(self, *, accounts: Accounts, posting: Posting, holding: Holding) -> None:
        self._accounts = accounts
        self._posting = posting
        self._holding = holding

    async def take(self, unit: LedgerUnit, payment: Payment, attempt: Attempt, taken: Taken) -> None:
        """The gateway took money for the payer, and perhaps kept a fee of it."""
        currency = taken.amount.currency.code
        gateway, funds = gateway_account(payment.gateway, currency), funds_account(payment.payer_id, currency)
        fees = fees_account(payment.gateway, currency)
        entries = [debit(gateway.code, taken.amount), credit(funds.code, taken.amount)]
        has_fee = taken.fee is not None and taken.fee.minor > 0
        if taken.fee is not None and has_fee:
            entries += [debit(fees.code, taken.fee), credit(gateway.code, taken.fee)]
        await self._accounts.ensure(unit, [gateway, funds, fees] if has_fee else [gateway, funds])
        await self._posting.post_one(
            unit,
            NewTransaction(
                description="Payment taken",
                reference=f"payment:{payment.id}",
                key=f"payments.take:{attempt.id}",
                entries=entries,
            ),
        )

    async def set_aside(self, unit: LedgerUnit, payment: Payment, refund: Refund) -> None:
        """The payer's money cannot be spent while it is being given back. Raises RefundExceedsFunds where the
        payer's account does not hold it."""
        currency = refund.amount.currency.code
        gateway, funds = gateway_account(payment.gateway, currency), funds_account(payment.payer_id, currency)
        await self._accounts.ensure(unit, [gateway, funds])
        try:
            hold = await self._holding.reserve(
                unit,
                NewHold(
                    description="Refund",
                    reference=f"refund:{refund.id}",
                    key=f"payments.refund:{refund.id}",
                    debit_account=funds.code,
                    credit_account=gateway.code,
                    amount=refund.amount,
                ),
            )
        except LedgerRefused as error:
            raise RefundExceedsFunds from error
        refund.hold_id = hold.id

    async def give_back(self, unit: LedgerUnit, refund: Refund) -> None:
        """The gateway gave back what was set aside."""
        if refund.hold_id is not None:
            await self._holding.post(unit, refund.hold_id, key=f"payments.refunded:{refund.id}")

    async def free(self, unit: LedgerUnit, refund: Refund) -> None:
        """What was set aside is the payer's to spend again."""
        if refund.hold_id is not None:
            await self._holding.void(unit, refund.hold_id, key=f"payments.unrefunded:{refund.id}")
