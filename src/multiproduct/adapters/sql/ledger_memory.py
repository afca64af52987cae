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
    rules when a batch that was judged upon it is written, and forgotten then."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._closed_until: datetime | None = None

    def keep(self, accounts: Iterable[Account], *, closed_until: datetime | None) -> None:
        """Remembers those of which nothing has to be known that changes often."""
        self._closed_until = closed_until
        lasting = {
            account.code: account
            for account in accounts
            if account.limit is Limit.NONE and account.closed_at is None
        }
        if len(self._accounts) + len(lasting) > MOST_ACCOUNTS:
            self._accounts.clear()
        self._accounts |= lasting

    def book(self, codes: AbstractSet[str]) -> Book | None:
        """A book of these accounts, None where one of them is not known."""
        if not codes or not codes <= self._accounts.keys():
            return None
        return Book(accounts=self._accounts, closed_until=self._closed_until, is_remembered=True)

    def forget(self, codes: Iterable[str]) -> None:
        """Something about these is not as it was."""
        for code in codes:
            self._accounts.pop(code, None)
