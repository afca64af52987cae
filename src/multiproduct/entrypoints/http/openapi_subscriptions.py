"""What subscriptions refuse, as the OpenAPI document shows it."""

from collections.abc import Sequence

from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.subscriptions import (
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

NOT_FOUND: Sequence[MultiproductError] = (UnknownSubscription(),)
CONFLICTS: Sequence[MultiproductError] = (
    TransitionNotAllowed(status="expired", step="pause"),
    AlreadySubscribed(product="0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"),
    TrialAlreadyUsed(),
    NoTrialOffered(),
    PaymentUnderWay(),
    NothingToUndo(),
    AlreadyRenewed(),
    NotRenewable(),
    ChangeNotPossible(reason="next_period_is_paid"),
)
