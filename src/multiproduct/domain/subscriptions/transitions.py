"""Which states a subscription has, and what leads from which to which: the table that decides, as data."""

from dataclasses import dataclass
from enum import StrEnum


class SubscriptionStatus(StrEnum):
    """Where a subscription stands."""

    PENDING = "pending"
    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Step(StrEnum):
    """What can be done to a subscription, or happen to it."""

    ORDER = "order"
    START_TRIAL = "start_trial"
    END_TRIAL = "end_trial"
    ACTIVATE = "activate"
    RENEW = "renew"
    FAIL_PAYMENT = "fail_payment"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `source` is None where a subscription begins; `why` is for the documentation."""

    source: SubscriptionStatus | None
    step: Step
    target: SubscriptionStatus
    why: str


_S = SubscriptionStatus

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, Step.ORDER, _S.PENDING, "a plan is ordered"),
    Transition(None, Step.START_TRIAL, _S.TRIAL, "a trial begins, without a card"),
    Transition(_S.PENDING, Step.ACTIVATE, _S.ACTIVE, "the first invoice is paid"),
    Transition(_S.PENDING, Step.CANCEL, _S.CANCELLED, "the order is called off"),
    Transition(_S.PENDING, Step.EXPIRE, _S.EXPIRED, "the order was not paid in time"),
    Transition(_S.TRIAL, Step.ORDER, _S.TRIAL, "a plan is ordered while the trial goes on"),
    Transition(_S.TRIAL, Step.END_TRIAL, _S.PENDING, "the trial is over and its invoice is open"),
    Transition(_S.TRIAL, Step.ACTIVATE, _S.ACTIVE, "the plan is paid for while the trial goes on"),
    Transition(_S.TRIAL, Step.CANCEL, _S.CANCELLED, "the trial is called off"),
    Transition(_S.TRIAL, Step.EXPIRE, _S.EXPIRED, "the trial is over and is not to go on"),
    Transition(_S.ACTIVE, Step.RENEW, _S.ACTIVE, "the next period is paid"),
    Transition(_S.ACTIVE, Step.FAIL_PAYMENT, _S.PAST_DUE, "the next period could not be charged"),
    Transition(_S.ACTIVE, Step.PAUSE, _S.PAUSED, "the customer pauses"),
    Transition(_S.ACTIVE, Step.CANCEL, _S.CANCELLED, "cancelled, at once or at the period's end"),
    Transition(_S.ACTIVE, Step.EXPIRE, _S.EXPIRED, "the period is over and is not renewed"),
    Transition(_S.PAST_DUE, Step.RENEW, _S.ACTIVE, "the overdue invoice is paid"),
    Transition(_S.PAST_DUE, Step.FAIL_PAYMENT, _S.PAST_DUE, "another attempt failed"),
    Transition(_S.PAST_DUE, Step.CANCEL, _S.CANCELLED, "cancelled while an invoice is overdue"),
    Transition(_S.PAST_DUE, Step.EXPIRE, _S.EXPIRED, "the last attempt failed"),
    Transition(_S.PAUSED, Step.RESUME, _S.ACTIVE, "the customer goes on, or the pause was until now"),
    Transition(_S.PAUSED, Step.CANCEL, _S.CANCELLED, "cancelled during a pause"),
    Transition(_S.EXPIRED, Step.ACTIVATE, _S.ACTIVE, "late money for the order"),
    Transition(_S.EXPIRED, Step.ORDER, _S.PENDING, "renewed by hand after its end"),
    Transition(_S.CANCELLED, Step.ORDER, _S.PENDING, "renewed by hand after its end"),
)

_TARGETS = {(row.source, row.step): row.target for row in TRANSITIONS}

LIVE = frozenset({_S.PENDING, _S.TRIAL, _S.ACTIVE, _S.PAST_DUE, _S.PAUSED})
"""The states of which a person has at most one subscription to a product."""
SERVING = frozenset({_S.TRIAL, _S.ACTIVE, _S.PAST_DUE})
"""The states in which the product serves the customer."""


def target_of(source: SubscriptionStatus | None, step: Step) -> SubscriptionStatus | None:
    """The state that the step leads to, or None where the table does not allow it."""
    return _TARGETS.get((source, step))


def allowed_from(source: SubscriptionStatus) -> tuple[Step, ...]:
    """The steps that the table allows from a state, in the order of the table."""
    return tuple(row.step for row in TRANSITIONS if row.source is source)
