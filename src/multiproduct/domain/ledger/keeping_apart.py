"""Whose a transaction is: what a context posted, nobody else settles, releases or undoes.

Otherwise a hold that a context counts on is gone, and what it has yet to book can never be booked."""

from multiproduct.domain.ledger.transaction import Transaction

_CONTEXTS = ("payments.", "billing:")
"""How the keys begin that contexts post under. Keys in requests begin otherwise."""


def is_kept_from(key: str | None, made: Transaction) -> bool:
    """Whether a context made it, and what is to be done to it is not under a key of that context."""
    kept = next((each for each in _CONTEXTS if (made.key or "").startswith(each)), None)
    return kept is not None and not (key or "").startswith(kept)
