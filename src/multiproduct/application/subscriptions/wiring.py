"""Putting the services of subscriptions together."""

from dataclasses import dataclass, field

from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.settling import Settling
from multiproduct.application.catalog import Catalog
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments import PaymentDriving
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.changing import Changing
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.closing import Closing
from multiproduct.application.subscriptions.ending import Ending
from multiproduct.application.subscriptions.giving_back import GivingBack
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.looking_after import LookingAfter
from multiproduct.application.subscriptions.personal_data import LastUsage, SubscriptionsErasing
from multiproduct.application.subscriptions.plan_orders import PlanOrders
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.purchasing import Purchasing
from multiproduct.application.subscriptions.reactions import SubscriptionReactions
from multiproduct.application.subscriptions.renewing import PeriodBilling, Renewing
from multiproduct.application.subscriptions.reordering import Reordering
from multiproduct.application.subscriptions.selling import Selling
from multiproduct.application.subscriptions.tending import Tending
from multiproduct.application.subscriptions.trying import Trying
from multiproduct.application.subscriptions.usage_billing import UsageBilling
from multiproduct.application.subscriptions.usage_recording import UsageRecording
from multiproduct.domain.subscriptions import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionParts:
    """What the services are made from. The steps are those of the contexts below."""

    units: Units[SubscriptionsUnit]
    clock: Clock
    real_time: RealTime
    ids: Ids
    idempotency: Idempotency
    catalog: Catalog
    ordering: Ordering
    invoicing: Invoicing
    settling: Settling
    crediting: Crediting
    driving: PaymentDriving
    default_currency: str = "USD"
    rules: Rules = field(default_factory=Rules)
    looked_after_at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionUseCases:
    """The use cases, by activity, and the reactions to what happens below."""

    purchasing: Purchasing
    trying: Trying
    tending: Tending
    changing: Changing
    ending: Ending
    renewing: Renewing
    usage: UsageRecording
    orders: PlanOrders
    looking_after: LookingAfter
    reactions: SubscriptionReactions
    erasing: SubscriptionsErasing
    last_usage: LastUsage


def wire_subscriptions(parts: SubscriptionParts) -> SubscriptionUseCases:
    """Makes all of them."""
    units, clock = parts.units, parts.clock
    keeping = Keeping(rules=parts.rules)
    selling = Selling(catalog=parts.catalog, default_currency=parts.default_currency)
    giving_back = GivingBack(crediting=parts.crediting)
    charging = Charging(
        ids=parts.ids,
        ordering=parts.ordering,
        invoicing=parts.invoicing,
        settling=parts.settling,
        crediting=parts.crediting,
        giving_back=giving_back,
    )
    reordering = Reordering(charging=charging, keeping=keeping, selling=selling)
    usage = UsageBilling(ids=parts.ids)
    billing = PeriodBilling(selling=selling, charging=charging, usage=usage)
    purchasing = Purchasing(
        units=units,
        clock=clock,
        ids=parts.ids,
        selling=selling,
        charging=charging,
        keeping=keeping,
        reordering=reordering,
        driving=parts.driving,
        idempotency=parts.idempotency,
    )
    closing = Closing(invoicing=parts.invoicing, charging=charging, usage=usage)
    ending = Ending(
        units=units,
        clock=clock,
        keeping=keeping,
        charging=charging,
        giving_back=giving_back,
        reordering=reordering,
    )
    return SubscriptionUseCases(
        purchasing=purchasing,
        trying=Trying(
            units=units,
            clock=clock,
            ids=parts.ids,
            selling=selling,
            keeping=keeping,
            idempotency=parts.idempotency,
        ),
        tending=Tending(units=units, clock=clock, keeping=keeping, selling=selling, ending=ending),
        changing=Changing(
            units=units,
            clock=clock,
            keeping=keeping,
            selling=selling,
            charging=charging,
            giving_back=giving_back,
            purchasing=purchasing,
            idempotency=parts.idempotency,
        ),
        ending=ending,
        renewing=Renewing(
            units=units,
            clock=clock,
            keeping=keeping,
            selling=selling,
            charging=charging,
            billing=billing,
            purchasing=purchasing,
            idempotency=parts.idempotency,
        ),
        usage=UsageRecording(units=units, clock=clock),
        orders=PlanOrders(units=units, clock=clock, purchasing=purchasing, idempotency=parts.idempotency),
        looking_after=LookingAfter(
            units=units,
            clock=clock,
            real_time=parts.real_time,
            keeping=keeping,
            charging=charging,
            billing=billing,
            closing=closing,
            driving=parts.driving,
            at_once=parts.looked_after_at_once,
        ),
        reactions=SubscriptionReactions(
            clock=clock, charging=charging, giving_back=giving_back, keeping=keeping, reordering=reordering
        ),
        erasing=SubscriptionsErasing(clock=clock, keeping=keeping, ending=ending),
        last_usage=LastUsage(clock=clock, keeping=keeping, closing=closing),
    )
