"""Why something cannot be done to a subscription."""

from multiproduct.domain.shared import Conflict, NotFound


class UnknownSubscription(NotFound):
    """There is no such subscription, or it is somebody else's."""

    code = "unknown_subscription"


class TransitionNotAllowed(Conflict):
    """The subscription's state does not allow this. `status` is the state, `step` what was asked for."""

    code = "transition_not_allowed"


class AlreadySubscribed(Conflict):
    """The person has a subscription to the product that is not over."""

    code = "already_subscribed"


class TrialAlreadyUsed(Conflict):
    """The person has had the trial of this product, or subscribed to it."""

    code = "trial_already_used"


class NoTrialOffered(Conflict):
    """The product or plan has no trial."""

    code = "no_trial_offered"


class PaymentUnderWay(Conflict):
    """An invoice of this subscription is open: it is paid, or its order ends, before anything else is
    changed that costs money."""

    code = "payment_under_way"


class NothingToUndo(Conflict):
    """No cancellation is scheduled."""

    code = "nothing_to_undo"


class AlreadyRenewed(Conflict):
    """The next period is paid for already."""

    code = "already_renewed"


class NotRenewable(Conflict):
    """There is no stored payment method, or the plan is not sold any more."""

    code = "not_renewable"


class ChangeNotPossible(Conflict):
    """The plan is of another product or another currency, or the next period is paid for at the present
    terms. `reason` says which."""

    code = "change_not_possible"
