"""What the ledger says at the end: sums by the kind of account, and where its chain ends."""

from collections import defaultdict
from dataclasses import dataclass

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger import AsOf, Ledger, LedgerUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import Mark

_ISSUE = ":issue"
_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksAtTheEnd:
    """Minor units. `trial_balance` is debits less credits of all accounts, which is to be zero."""

    revenue: int
    credited: int
    refunds: int
    open_receivables: int
    bad_debts: int
    customer_funds: int
    trial_balance: int
    transactions: int
    invoices: int
    root: str


async def read_books(ledger: Ledger, units: Units[LedgerUnit]) -> BooksAtTheEnd:
    """Seals what is not sealed yet, and reads everything."""
    while await ledger.sealing.run():
        pass
    debits: defaultdict[str, int] = defaultdict(int)
    credits_: defaultdict[str, int] = defaultdict(int)
    async with units.view(SYSTEM) as view:
        for row in await view.ledger_accounts.trial(AsOf()):
            group = row.code.partition(":")[0]
            debits[group] += row.sums.posted_debits
            credits_[group] += row.sums.posted_credits
        head = await view.ledger_chain.head()
    transactions = invoices = 0
    async for page in ledger.transacting.journal(page=_PAGE):
        transactions += len(page)
        invoices += sum(each.key is not None and each.key.endswith(_ISSUE) for each in page)
    return BooksAtTheEnd(
        revenue=credits_["revenue"] - debits["revenue"],
        credited=debits["revenue"],
        refunds=credits_["gateway"],
        open_receivables=debits["receivable"] - credits_["receivable"],
        bad_debts=debits["bad_debts"] - credits_["bad_debts"],
        customer_funds=credits_["customer_funds"] - debits["customer_funds"],
        trial_balance=sum(debits.values()) - sum(credits_.values()),
        transactions=transactions,
        invoices=invoices,
        root=(head.mark if head else Mark()).hash.hex(),
    )
