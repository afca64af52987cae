"""Trials: one for each person and product, without a card."""

from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.commands import StartTrial
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.results import SubscriptionView
from multiproduct.application.subscriptions.selling import Selling
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import Offering
from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.subscriptions import NoTrialOffered, Subscription, TrialAlreadyUsed

_START = "subscriptions.start_trial"
_MAX_PLANS = 200


class Trying:
    """The primary key of the trials that were had decides; who subscribed before has had theirs."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        ids: Ids,
        selling: Selling,
        keeping: Keeping,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._selling = selling
        self._keeping = keeping
        self._idempotency = idempotency

    async def start(
        self, command: StartTrial, caller: Caller, *, idempotency_key: str | None = None
    ) -> SubscriptionView:
        """Starts the trial of a plan, or of the first plan of a product that has one.

        Raises Unauthenticated, InvalidInput, UnknownPlan, UnknownProduct, AmbiguousPlan, NotForSale,
        NoTrialOffered, TrialAlreadyUsed, AlreadySubscribed, IdempotencyMismatch, IdempotencyUnfinished.
        """
        user_id = caller.require_user()
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> SubscriptionView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_START,
                caller=caller,
                command=command,
                answer_type=SubscriptionView,
                now=now,
                body=lambda: self._start(unit, command, user_id, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def _start(
        self, unit: SubscriptionsUnit, command: StartTrial, user_id: UUID, now: datetime
    ) -> SubscriptionView:
        offering = await self._offering(unit, command, now)
        offering.require_on_sale()
        if not offering.trial_days:
            raise NoTrialOffered
        self._selling.require_configuration(offering, command.configuration)
        product_id = offering.product.id
        before = await unit.subscriptions.find_latest(user_id, product_id)
        if before is not None and before.number:
            raise TrialAlreadyUsed
        if not await unit.subscription_trials.claim(user_id, product_id, at=now):
            raise TrialAlreadyUsed
        currency = self._selling.currency_of(offering, command.currency, now)
        trial = Subscription.start_trial(
            id=self._ids.next(),
            user_id=user_id,
            product_id=product_id,
            currency=currency.code,
            zone=await self._keeping.zone_of(unit, user_id),
            terms=self._selling.terms(offering, command.quantity, currency, now),
            configuration=command.configuration,
            trial_end=now + timedelta(days=offering.trial_days),
            now=now,
        )
        trial.plan(self._keeping.rules)
        await unit.subscriptions.add(trial)
        return SubscriptionView.of(trial)

    async def _offering(self, unit: SubscriptionsUnit, command: StartTrial, now: datetime) -> Offering:
        if command.plan is not None:
            return await self._selling.offering(unit, command.plan, command.product)
        if command.product is None:
            raise InvalidInput(FieldProblem("plan", "required"))
        for offering in await self._selling.plans_of(unit, command.product, at=now, limit=_MAX_PLANS):
            if offering.trial_days:
                return offering
        raise NoTrialOffered
