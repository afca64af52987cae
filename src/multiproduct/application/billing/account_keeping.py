"""What customers want on invoices, their statements of account, and the tax rules."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from multiproduct.application.billing.account_results import (
    AccountStatementView,
    BillingCustomerView,
    TaxRuleList,
    TaxRuleView,
)
from multiproduct.application.billing.commands import CreateTaxRule, ReadAccountStatement, SaveBillingCustomer
from multiproduct.application.billing.listing import is_visible
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import Customer, TaxRule, UnknownCustomer, UnknownTaxRule
from multiproduct.domain.billing.permissions import STATEMENTS_READ, TAX_RULES_MANAGE, TAX_RULES_READ
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput

_USUAL_SPAN = timedelta(days=30)
MAX_ENTRIES = 5_000
"""In one statement: who has more asks for a shorter span."""
MAX_TAX_RULES = 2_000
_PPM_OF_PERCENT = 10_000


class AccountKeeping:
    """One's own, or with permission somebody's."""

    def __init__(
        self, *, units: Units[BillingUnit], clock: Clock, ids: Ids, idempotency: Idempotency
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._idempotency = idempotency

    async def customer(self, caller: Caller) -> BillingCustomerView:
        """What the caller wants on invoices."""
        own_id = caller.require_user()
        async with self._units.view(caller) as view:
            kept = await view.billing_customers.find(own_id)
        return BillingCustomerView.of(kept or Customer(id=own_id, updated_at=self._clock.now()))

    async def save_customer(self, command: SaveBillingCustomer, caller: Caller) -> BillingCustomerView:
        """Sets it. What was issued stays as it is. Raises InvalidInput for a country or a tax id that
        cannot be one."""
        own_id, now = caller.require_user(), self._clock.now()

        async def body(unit: BillingUnit) -> BillingCustomerView:
            kept = await unit.billing_customers.find(own_id) or Customer(id=own_id, updated_at=now)
            kept.change(
                name=command.name,
                address=tuple(line for line in command.address if line),
                country=command.country or "",
                region=command.region,
                tax_id_text=command.tax_id,
                email=command.email,
                now=now,
            )
            await unit.billing_customers.save(kept)
            await unit.commit()
            return BillingCustomerView.of(kept)

        return await in_unit(lambda: self._units.open(caller), body)

    async def statement(self, command: ReadAccountStatement, caller: Caller) -> AccountStatementView:
        """What was owed, what changed it, and what is owed. Another's needs `billing.statement.read`.

        Raises UnknownCustomer for another's without it, InvalidInput for a span that ends before it begins or
        has more than 5,000 entries.
        """
        own_id = caller.require_user()
        customer_id = command.customer_id or own_id
        if not is_visible(customer_id, caller, STATEMENTS_READ):
            raise UnknownCustomer
        until = command.until or self._clock.now()
        since = command.since or until - _USUAL_SPAN
        if until < since:
            raise InvalidInput(FieldProblem("until", "out_of_range", (("after", since.isoformat()),)))
        async with self._units.view(caller) as view:
            movements = await view.billing_movements.between(
                customer_id, command.currency, since=since, until=until, limit=MAX_ENTRIES + 1
            )
            opening = await view.billing_movements.balance(customer_id, command.currency, before=since)
        if len(movements) > MAX_ENTRIES:
            raise InvalidInput(FieldProblem("since", "out_of_range", (("most", MAX_ENTRIES),)))
        return AccountStatementView.of(
            customer_id,
            Currency(command.currency),
            span=(since, until),
            opening=opening,
            movements=movements,
        )

    async def tax_rules(self, caller: Caller) -> TaxRuleList:
        """Every tax rule. Needs `billing.tax_rule.read`."""
        caller.require(TAX_RULES_READ)
        async with self._units.view(caller) as view:
            rules = await view.tax_rules.every(limit=MAX_TAX_RULES)
        return TaxRuleList(items=[TaxRuleView.of(rule) for rule in rules])

    async def create_tax_rule(
        self, command: CreateTaxRule, caller: Caller, *, idempotency_key: str | None = None
    ) -> TaxRuleView:
        """Makes a tax rule. Needs `billing.tax_rule.manage`. Raises InvalidInput."""
        caller.require(TAX_RULES_MANAGE)
        now = self._clock.now()

        async def make(unit: BillingUnit) -> TaxRuleView:
            rule = TaxRule.create(
                id=self._ids.next(),
                country=command.country,
                region=command.region,
                tax_class=command.tax_class,
                name=command.name,
                rate_ppm=int(Decimal(command.rate) * _PPM_OF_PERCENT),
                is_inclusive=command.is_inclusive,
                valid_from=command.valid_from or now,
                valid_until=command.valid_until,
                now=now,
            )
            await unit.tax_rules.add(rule)
            return TaxRuleView.of(rule)

        async def body(unit: BillingUnit) -> TaxRuleView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity="billing.tax_rules.create",
                caller=caller,
                command=command,
                answer_type=TaxRuleView,
                now=now,
                body=lambda: make(unit),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def end_tax_rule(self, rule_id: UUID, caller: Caller) -> TaxRuleView:
        """Ends a tax rule now; what was invoiced by it stays. Needs `billing.tax_rule.manage`.

        Raises UnknownTaxRule.
        """
        caller.require(TAX_RULES_MANAGE)
        now = self._clock.now()

        async def body(unit: BillingUnit) -> TaxRuleView:
            rule = await unit.tax_rules.find(rule_id)
            if rule is None:
                raise UnknownTaxRule
            rule.end(at=max(now, rule.valid_from), now=now)
            await unit.tax_rules.save(rule)
            await unit.commit()
            return TaxRuleView.of(rule)

        return await in_unit(lambda: self._units.open(caller), body)
