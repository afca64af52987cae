"""Subscriptions: periods, proration, the states of a subscription and what leads from one to another."""

from multiproduct.domain.subscriptions.charge import Charge, ChargeKind, ChargeStatus, spread
from multiproduct.domain.subscriptions.errors import (
    AlreadyRenewed,
    AlreadySubscribed,
    ChangeNotPossible,
    NothingToUndo,
    NotRenewable,
    NoTrialOffered,
    PaymentUnderWay,
    TransitionNotAllowed,
    TrialAlreadyUsed,
    UnknownSubscription,
)
from multiproduct.domain.subscriptions.events import EVENTS
from multiproduct.domain.subscriptions.periods import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    Period,
    boundary,
    nth_period,
    period_at,
)
from multiproduct.domain.subscriptions.permissions import PERMISSIONS
from multiproduct.domain.subscriptions.proration import Accrual, Reduction
from multiproduct.domain.subscriptions.schedule import Errand, Rules
from multiproduct.domain.subscriptions.state import Awaited, OpenInvoice
from multiproduct.domain.subscriptions.subscription import Subscription
from multiproduct.domain.subscriptions.terms import RefundPolicy, Terms, Timing
from multiproduct.domain.subscriptions.transitions import (
    LIVE,
    SERVING,
    TRANSITIONS,
    Step,
    SubscriptionStatus,
    Transition,
    allowed_from,
    target_of,
)
from multiproduct.domain.subscriptions.usage import CLOSING_MARGIN, LATE_USAGE, UsageEvent, UsageSpan

__all__ = [
    "CLOSING_MARGIN",
    "EVENTS",
    "HALF_YEARLY",
    "LATE_USAGE",
    "LIVE",
    "MONTHLY",
    "PERMISSIONS",
    "QUARTERLY",
    "SERVING",
    "TRANSITIONS",
    "WEEKLY",
    "YEARLY",
    "Accrual",
    "AlreadyRenewed",
    "AlreadySubscribed",
    "Awaited",
    "ChangeNotPossible",
    "Charge",
    "ChargeKind",
    "ChargeStatus",
    "Errand",
    "NoTrialOffered",
    "NotRenewable",
    "NothingToUndo",
    "OpenInvoice",
    "PaymentUnderWay",
    "Period",
    "Reduction",
    "RefundPolicy",
    "Rules",
    "Step",
    "Subscription",
    "SubscriptionStatus",
    "Terms",
    "Timing",
    "Transition",
    "TransitionNotAllowed",
    "TrialAlreadyUsed",
    "UnknownSubscription",
    "UsageEvent",
    "UsageSpan",
    "allowed_from",
    "boundary",
    "nth_period",
    "period_at",
    "spread",
    "target_of",
]
