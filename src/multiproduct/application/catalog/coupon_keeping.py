"""Keeping coupons: listing, making, changing and archiving them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.catalog.coupon_commands import ChangeCoupon, CreateCoupon, ListCoupons
from multiproduct.application.catalog.coupon_results import CouponPage, CouponView
from multiproduct.application.catalog.places import id_cursor, id_place
from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.application.catalog.reading_input import read_amounts, read_percent, require_window
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.paging import page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import ChangedMeanwhile, Coupon, UnknownCoupon
from multiproduct.domain.catalog.names import read_code
from multiproduct.domain.catalog.permissions import COUPONS_MANAGE, COUPONS_READ
from multiproduct.domain.shared import FieldProblem, InvalidInput

_CREATE = "catalog.coupons.create"
_PLAIN = ("name", "is_stackable", "is_active")
_OPEN = ("max_redemptions", "max_per_person", "starts_at", "ends_at")


class CouponKeeping:
    """Coupons are the house's: whoever pays for what they take off decides about them."""

    def __init__(
        self, *, units: Units[CatalogUnit], clock: Clock, ids: Ids, idempotency: Idempotency
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._idempotency = idempotency

    async def find(self, command: ListCoupons, caller: Caller) -> CouponPage:
        """A page of coupons. Needs `catalog.coupon.read`. Raises InvalidInput."""
        caller.require(COUPONS_READ)
        after = id_place(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.coupons.page(limit=command.limit + 1, after=after)
        page = page_of(list(found), limit=command.limit, cursor_of=id_cursor)
        return CouponPage(
            items=[CouponView.of(coupon) for coupon in page.items], next_cursor=page.next_cursor
        )

    async def read(self, coupon_id: UUID, caller: Caller) -> CouponView:
        """One coupon. Needs `catalog.coupon.read`. Raises UnknownCoupon."""
        caller.require(COUPONS_READ)
        async with self._units.view(caller) as view:
            return CouponView.of(await _required(view, coupon_id))

    async def create(
        self, command: CreateCoupon, caller: Caller, *, idempotency_key: str | None = None
    ) -> CouponView:
        """Makes a coupon. Needs `catalog.coupon.manage`. Raises InvalidInput, CodeTaken,
        IdempotencyMismatch."""
        caller.require(COUPONS_MANAGE)
        findings = InputFindings()
        self.check_create(command, findings)
        findings.refuse()
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> CouponView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_CREATE,
                caller=caller,
                command=command,
                answer_type=CouponView,
                now=now,
                body=lambda: self._create(unit, command, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    def check_create(self, command: CreateCoupon, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        code, percent, amounts = command.code, command.percent, command.amounts
        if code is not None:
            findings.read(lambda: read_code(code), "code")
        if percent is not None:
            findings.read(lambda: read_percent(percent, "percent"), "percent")
        findings.read(lambda: read_amounts(amounts, "amounts"), "amounts")
        findings.read(lambda: _require_one_of(percent, amounts), "percent", "amounts")
        findings.read(
            lambda: require_window(command.starts_at, command.ends_at, "ends_at"), "starts_at", "ends_at"
        )

    async def change(self, coupon_id: UUID, command: ChangeCoupon, caller: Caller) -> CouponView:
        """Changes the given fields. Needs `catalog.coupon.manage`. Raises InvalidInput, UnknownCoupon,
        ChangedMeanwhile where `version` is not the present one."""

        def change(coupon: Coupon, now: datetime) -> None:
            if command.version not in (None, coupon.version):
                raise ChangedMeanwhile
            wanted = _wanted(command)
            starts_at, ends_at = (
                wanted.get(name, getattr(coupon, name)) for name in ("starts_at", "ends_at")
            )
            require_window(starts_at, ends_at, "ends_at")
            coupon.change(wanted, now=now)

        return await self._with(coupon_id, caller, change)

    async def archive(self, coupon_id: UUID, caller: Caller) -> CouponView:
        """Ends a coupon for good. Needs `catalog.coupon.manage`. Raises UnknownCoupon."""
        return await self._with(coupon_id, caller, lambda coupon, now: coupon.archive(now=now))

    async def _with(
        self, coupon_id: UUID, caller: Caller, change: Callable[[Coupon, datetime], None]
    ) -> CouponView:
        caller.require(COUPONS_MANAGE)
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> CouponView:
            coupon = await _required(unit, coupon_id)
            change(coupon, now)
            await unit.coupons.save(coupon)
            await unit.commit()
            return CouponView.of(coupon)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _create(self, unit: CatalogUnit, command: CreateCoupon, now: datetime) -> CouponView:
        amounts = read_amounts(command.amounts, "amounts")
        coupon = Coupon(
            id=self._ids.next(),
            code=read_code(command.code),
            name=command.name,
            percent=None if command.percent is None else read_percent(command.percent, "percent"),
            amounts={amount.currency.code: amount.minor for amount in amounts},
            product_ids=frozenset(command.product_ids),
            plan_ids=frozenset(command.plan_ids),
            max_redemptions=command.max_redemptions,
            max_per_person=command.max_per_person,
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            is_stackable=command.is_stackable,
            is_active=command.is_active,
            created_at=now,
            updated_at=now,
        )
        await unit.coupons.add(coupon)
        coupon.created()
        return CouponView.of(coupon)


async def _required(unit: CatalogUnit, coupon_id: UUID) -> Coupon:
    coupon = await unit.coupons.find(coupon_id)
    if coupon is None:
        raise UnknownCoupon
    return coupon


def _require_one_of(percent: object, amounts: object) -> None:
    if bool(percent) is bool(amounts):
        raise InvalidInput(FieldProblem("percent", "one_of", (("fields", "percent, amounts"),)))


def _wanted(command: ChangeCoupon) -> dict[str, Any]:
    given = command.model_fields_set
    wanted: dict[str, Any] = {
        name: getattr(command, name)
        for name in _PLAIN
        if name in given and getattr(command, name) is not None
    }
    wanted |= {name: getattr(command, name) for name in _OPEN if name in given}
    for name in ("product_ids", "plan_ids"):
        if name in given and getattr(command, name) is not None:
            wanted[name] = frozenset(getattr(command, name))
    return wanted
