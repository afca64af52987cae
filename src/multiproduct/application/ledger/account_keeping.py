"""Accounts as steps: other contexts get or make theirs within their own unit."""

from collections.abc import Sequence

from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.ledger import Account, AccountOpened, AccountSpec, LedgerAccountExists


class Accounts:
    """Steps: they take the caller's unit and never commit it."""

    def __init__(self, *, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def ensure(self, unit: LedgerUnit, specs: Sequence[AccountSpec]) -> dict[str, Account]:
        """The accounts by their codes; those that are not there are opened. One round trip where all are.

        Raises InvalidInput for a malformed code, LedgerAccountExists where one is there and differs.
        """
        wanted = {spec.code: spec for spec in specs}
        found = dict(await unit.ledger_accounts.found(sorted(wanted)))
        missing = [spec for code, spec in sorted(wanted.items()) if code not in found]
        if missing:
            found |= await self._open(unit, missing)
        for code, spec in wanted.items():
            if not found[code].is_as(spec):
                raise LedgerAccountExists(account=code)
        return {spec.code: found[spec.code] for spec in specs}

    async def _open(self, unit: LedgerUnit, specs: Sequence[AccountSpec]) -> dict[str, Account]:
        now = self._clock.now()
        new = {spec.code: Account.open(spec, id=self._ids.next(), now=now) for spec in specs}
        added = frozenset(await unit.ledger_accounts.add(list(new.values())))
        for code in sorted(added):
            unit.record(_opened(new[code]))
        rivals = [code for code in new if code not in added]
        return new | (dict(await unit.ledger_accounts.found(rivals)) if rivals else {})


def _opened(account: Account) -> AccountOpened:
    return AccountOpened(
        occurred_at=account.created_at,
        account_id=account.id,
        code=account.code,
        kind=account.kind.value,
        currency=account.currency,
        limit=account.limit.value,
        owner_id=account.owner_id,
    )
