"""What the log forgets of people whom it cannot name: nobody was signed in, so no erasure ever finds it."""

from datetime import timedelta

STRANGERS_KEPT = timedelta(days=90)
"""For how long entries that name nobody keep what tells of a person, mostly a network address. A constant:
were it shorter at one time than at another, emptied entries would look as if somebody had tampered with
them."""
STRANGERS_MARGIN = timedelta(days=1)
"""By how much an emptied entry may be younger before that is a finding. Going along a long log takes a
while, in which the job empties on, and the clocks of two machines differ."""
_CONTEXTS = ("identity.", "otp.")
"""Elsewhere `changes` of an entry that names nobody may be all there is of a fact, such as a payment."""


def is_of_stranger(event: str, persons: tuple[str | None, str | None], actor_type: str) -> bool:
    """Whether an entry is of an attempt to become somebody: to sign up or in, or to get a code. All three
    are of the sealed form for ever, so that nobody can make another entry look like one."""
    return actor_type == "anonymous" and persons == (None, None) and event.startswith(_CONTEXTS)
