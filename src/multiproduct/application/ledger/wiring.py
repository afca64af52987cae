"""Putting the ledger's steps and use cases together."""

from dataclasses import dataclass

from multiproduct.application.audit import ChainKeys, HeadSigning
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger.account_keeping import Accounts
from multiproduct.application.ledger.bookkeeping import Bookkeeping
from multiproduct.application.ledger.closing import Closing
from multiproduct.application.ledger.exporting import Exporting
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ledger.posting import Holding, Posting
from multiproduct.application.ledger.sealing import HEAD_LABEL, LedgerSealing
from multiproduct.application.ledger.transacting import Transacting
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerParts:
    """What the context is made from."""

    units: Units[LedgerUnit]
    clock: Clock
    ids: Ids
    idempotency: Idempotency
    keys: ChainKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The steps `accounts`, `posting` and `holding`, and every use case of the context."""

    accounts: Accounts
    posting: Posting
    holding: Holding
    bookkeeping: Bookkeeping
    transacting: Transacting
    closing: Closing
    sealing: LedgerSealing
    exporting: Exporting


def wire_ledger(parts: LedgerParts) -> Ledger:
    """Puts the context together."""
    accounts = Accounts(clock=parts.clock, ids=parts.ids)
    posting = Posting(clock=parts.clock, ids=parts.ids)
    signing = HeadSigning(keys=parts.keys, label=HEAD_LABEL)
    return Ledger(
        accounts=accounts,
        posting=posting,
        holding=Holding(posting=posting),
        bookkeeping=Bookkeeping(
            units=parts.units, clock=parts.clock, accounts=accounts, idempotency=parts.idempotency
        ),
        transacting=Transacting(
            units=parts.units, clock=parts.clock, posting=posting, idempotency=parts.idempotency
        ),
        closing=Closing(units=parts.units, clock=parts.clock),
        sealing=LedgerSealing(units=parts.units, clock=parts.clock, signing=signing),
        exporting=Exporting(units=parts.units),
    )
