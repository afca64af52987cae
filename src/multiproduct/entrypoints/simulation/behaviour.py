"""How customers behave: the chances of what they do, each once for a visit, which is about once a month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

CARDS: Mapping[str, float] = MappingProxyType(
    {
        "approve": 0.900,
        "decline_1_then_approve": 0.025,
        "decline_2_then_approve": 0.010,
        "insufficient_funds": 0.015,
        "stolen_card": 0.005,
        "unknown_then_settled": 0.015,
        "unknown_then_declined": 0.005,
        "timeout_after_charge": 0.010,
        "refund_unknown": 0.010,
        "refund_declined": 0.005,
    }
)
"""What the sandbox plays for a stored card, and how often somebody has such a one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Chances, each from 0 to 1. Those of a visit are tried in the order in which they stand here, and at
    most one of them comes about; `uses` is apart from them."""

    tries_first: float = 0.35
    """Whoever comes begins with a trial."""
    leaves_card: float = 0.60
    """Whoever tries stores a card before the trial is over."""
    uses: float = 0.80
    """Whoever has a metered plan used it since the last visit."""
    cancels: float = 0.012
    """At the end of what is paid for."""
    changes_mind: float = 0.20
    """Whoever is about to leave takes it back."""
    leaves_at_once: float = 0.003
    """And wants back what is not used up."""
    changes_plan: float = 0.020
    changes_seats: float = 0.035
    pauses: float = 0.006
    complains: float = 0.004
    """Staff gives something of the last invoice back."""
    replaces_card: float = 0.015
    """By whatever card: one that is declined from now on may be among them."""
    mends_payment: float = 0.50
    """Whoever is overdue stores another card and pays."""
    comes_back: float = 0.08
    """Whoever left renews by hand."""
    cards: Mapping[str, float] = field(default_factory=lambda: CARDS)
