"""Why the catalog turns somebody away."""

from multiproduct.domain.shared import Conflict, MultiproductError
from multiproduct.domain.shared.errors import Kind


class UnknownProduct(MultiproductError):
    """There is no such product, or it is not for whoever asks to see."""

    code = "product_not_found"
    kind = Kind.NOT_FOUND


class UnknownPlan(MultiproductError):
    """There is no such plan, or it is not for whoever asks to see."""

    code = "plan_not_found"
    kind = Kind.NOT_FOUND


class UnknownCoupon(MultiproductError):
    """There is no such coupon."""

    code = "coupon_not_found"
    kind = Kind.NOT_FOUND


class UnknownMeter(MultiproductError):
    """There is no such meter, or it is not for whoever asks to see."""

    code = "meter_not_found"
    kind = Kind.NOT_FOUND


class SlugTaken(Conflict):
    """Something else of this kind has the slug."""

    code = "slug_taken"


class CodeTaken(Conflict):
    """Something else of this kind has the code."""

    code = "code_taken"


class AmbiguousPlan(Conflict):
    """Plans of several products have this code: the product, or the plan's slug or id, has to be given."""

    code = "plan_ambiguous"


class NotForSale(Conflict):
    """The plan or its product is not offered now."""

    code = "not_for_sale"


class NoPriceInCurrency(Conflict):
    """The plan has no price in this currency now. `offered` are those that it has one in."""

    code = "no_price_in_currency"


class ProductMoveRefused(Conflict):
    """A product in this status cannot get that one: an archived product stays archived."""

    code = "product_move_refused"


class PlanArchived(Conflict):
    """An archived plan does not change any more."""

    code = "plan_archived"


class ChangedMeanwhile(Conflict):
    """Somebody changed it since whoever asks read it."""

    code = "changed_meanwhile"


class TooManyInCatalog(Conflict):
    """There are as many of these as there can be: `max`."""

    code = "too_many_in_catalog"


class CouponNotApplicable(Conflict):
    """The coupon is there and does not count here. `reason` is `not_yet`, `over`, `scope`, `currency` or
    `not_stackable`."""

    code = "coupon_not_applicable"


class CouponUsedUp(Conflict):
    """The coupon was redeemed as often as it can be, by everybody or by this person."""

    code = "coupon_used_up"
