"""Moving an account by an entry, and back."""

from multiproduct.domain.ledger.account import Account
from multiproduct.domain.ledger.transaction import Effect, Entry, Side

_DEBIT, _POST, _RESERVE = Side.DEBIT, Effect.POST, Effect.RESERVE


def move(account: Account, entry: Entry) -> None:
    """Does to the account what the entry says."""
    account.version += 1
    _add(account, entry, entry.minor)


def move_back(account: Account, entry: Entry) -> None:
    """Undoes `move`."""
    account.version -= 1
    _add(account, entry, -entry.minor)


def _add(account: Account, entry: Entry, minor: int) -> None:
    _, _, side, effect, _, _ = entry
    if effect is _POST:
        if side is _DEBIT:
            account.posted_debits += minor
        else:
            account.posted_credits += minor
        return
    reserved = minor if effect is _RESERVE else -minor
    if side is _DEBIT:
        account.pending_debits += reserved
    else:
        account.pending_credits += reserved
