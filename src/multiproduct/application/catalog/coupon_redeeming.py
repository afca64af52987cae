"""Coupons as checkouts use them: finding those that a person names, and redeeming them once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.domain.catalog import Coupon, CouponNotApplicable, CouponUsedUp, Redemption, UnknownCoupon

MAX_COUPONS = 10
"""For one order."""


class CouponRedeeming:
    """Steps: they take the caller's unit. A checkout finds coupons, has `Pricing` work out what they take off
    and then redeems them; both are undone with its unit."""

    async def named(self, unit: CatalogUnit, codes: Sequence[str]) -> Sequence[Coupon]:
        """The coupons that have these codes, letter case aside, by code. Whether they count is for `Pricing`
        to say. Raises UnknownCoupon where one has none, or where more than 10 are named."""
        wanted = {code.strip().upper() for code in codes}
        if len(wanted) > MAX_COUPONS:
            raise UnknownCoupon
        found = await unit.coupons.find_codes(sorted(wanted))
        unknown = wanted.difference(coupon.code for coupon in found)
        if unknown:
            raise UnknownCoupon(coupon=min(unknown))
        return found

    async def redeem(
        self,
        unit: CatalogUnit,
        *,
        coupons: Sequence[Coupon],
        person_id: UUID,
        subject_id: UUID,
        now: datetime,
    ) -> list[Redemption]:
        """Redeems each coupon once for a subject (an order). What was redeemed for the subject before counts
        as redeemed now. Raises CouponUsedUp, and what `Coupon.require_open` does; the unit is then to be left
        without a commit."""
        before = {each.coupon_id: each for each in await unit.coupons.redemptions(subject_id)}
        redeemed = []
        # By id, so that two who redeem the same coupons do not wait for each other crosswise.
        for coupon in sorted(coupons, key=lambda coupon: coupon.id):
            redemption = before.get(coupon.id) or await self._redeem(
                unit, coupon, person_id=person_id, subject_id=subject_id, now=now
            )
            redeemed.append(redemption)
        return redeemed

    async def redeem_again(
        self,
        unit: CatalogUnit,
        *,
        coupon_ids: Sequence[UUID],
        person_id: UUID,
        subject_id: UUID,
        now: datetime,
    ) -> bool:
        """Redeems coupons again that were given back, as what came to nothing comes about after all. False,
        and none is redeemed, where any cannot be any more: others may have used it up meanwhile."""
        coupons = [found for each in coupon_ids if (found := await unit.coupons.find(each)) is not None]
        try:
            if len(coupons) != len(coupon_ids):
                raise UnknownCoupon
            await self.redeem(unit, coupons=coupons, person_id=person_id, subject_id=subject_id, now=now)
        except (UnknownCoupon, CouponNotApplicable, CouponUsedUp):
            await self.give_back(unit, subject_id=subject_id, now=now)
            return False
        return True

    async def give_back(self, unit: CatalogUnit, *, subject_id: UUID, now: datetime) -> int:
        """Undoes what was redeemed for a subject that came to nothing; answers how many."""
        count = 0
        for redemption in sorted(await unit.coupons.redemptions(subject_id), key=lambda each: each.coupon_id):
            if await unit.coupons.give_back(redemption):
                unit.record(redemption.given_back(now=now))
                count += 1
        return count

    async def _redeem(
        self, unit: CatalogUnit, coupon: Coupon, *, person_id: UUID, subject_id: UUID, now: datetime
    ) -> Redemption:
        redemption = Redemption(
            coupon_id=coupon.id,
            code=coupon.code,
            person_id=person_id,
            subject_id=subject_id,
            redeemed_at=now,
        )
        if await unit.coupons.redeem(redemption):
            unit.record(redemption.redeemed())
            return redemption
        present = await unit.coupons.find(coupon.id)
        if present is None:
            raise UnknownCoupon
        present.require_open(now)
        raise CouponUsedUp(coupon=coupon.code)
