"""What this process remembers of ledger accounts, so that a batch need not ask for them each time."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from multiproduct.domain.ledger import Account, Book, Limit

MOST_ACCOUNTS = 50_000
"""So many are kept, of about half a KiB each; then it begins anew."""


class AccountMemory:
    """Accounts that were open and had no limit when they were read. One for a store.

    Their ids, codes and currencies stay; whatever else may have changed since is refused by the tables' own
    rules when a batch that was judged upon it is written, and they have to be held then."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._to_be_held: set[str] = set()
        self._closed_until: datetime | None = None

    def keep(self, accounts: Iterable[Account], *, closed_until: datetime | None) -> None:
        """Remembers those of which nothing has to be known that changes often, and which of them are not
        so."""
        self._closed_until = closed_until
        lasting: dict[str, Account] = {}
        others: set[str] = set()
        for account in accounts:
            if account.limit is Limit.NONE and account.closed_at is None:
                lasting[account.code] = account
            else:
                others.add(account.code)
        self._make_room(len(lasting) + len(others))
        self._accounts |= lasting
        self._to_be_held -= lasting.keys()
        self._to_be_held |= others

    def unknown(self, codes: AbstractSet[str]) -> AbstractSet[str]:
        """The codes of which nothing is known. None of them where another has to be held, so that nothing
        would be gained by reading these."""
        if codes <= self._accounts.keys() or not self._to_be_held.isdisjoint(codes):
            return frozenset()
        return codes - self._accounts.keys()

    def book(self, codes: AbstractSet[str]) -> Book | None:
        """A book of these accounts, None where one of them is not known."""
        if not codes or not codes <= self._accounts.keys():
            return None
        return Book(accounts=self._accounts, closed_until=self._closed_until, is_remembered=True)

    def forget(self, codes: Iterable[str]) -> None:
        """Something about these is not as it was. They are remembered again once they were held."""
        gone = set(codes)
        for code in gone:
            self._accounts.pop(code, None)
        self._make_room(len(gone))
        self._to_be_held |= gone

    def _make_room(self, number: int) -> None:
        if len(self._accounts) + len(self._to_be_held) + number > MOST_ACCOUNTS:
            self._accounts.clear()
            self._to_be_held.clear()
