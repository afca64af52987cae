"""What is answered about coupons."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.catalog.commands import PLAN_ID
from multiproduct.application.money import MoneyView
from multiproduct.domain.catalog import Coupon
from multiproduct.domain.shared.money import Currency, Money

_WHEN = "2026-11-21T06:30:00Z"
_FROZEN = ConfigDict(defer_build=True, frozen=True)


class CouponView(BaseModel):
    """A coupon. `name` is for people."""

    model_config = _FROZEN

    id: UUID = Field(description="The coupon's id.", examples=[PLAN_ID])
    name: str = Field(description="What it is for.", examples=["Welcome"])
    code: str = Field(description="What people type.", examples=["WELCOME10"])
    percent: str | None = Field(description="Percentage off; null for amounts.", examples=["10"])
    amounts: list[MoneyView] = Field(description="Amounts off, one for each currency.")
    product_ids: list[UUID] = Field(description="Only for plans of these products.", examples=[[]])
    plan_ids: list[UUID] = Field(description="Only for these plans.", examples=[[PLAN_ID]])
    max_redemptions: int | None = Field(description="How often in all; null for any number.", examples=[100])
    max_per_person: int | None = Field(
        description="How often each person; null for any number.", examples=[1]
    )
    redeemed: int = Field(description="How often it is in use.", examples=[42])
    starts_at: datetime | None = Field(description="From when; null for an open end.", examples=[None])
    ends_at: datetime | None = Field(description="Until before when; null for an open end.", examples=[None])
    is_stackable: bool = Field(description="Whether it counts together with others.", examples=[False])
    is_active: bool = Field(description="Whether it counts.", examples=[True])
    archived_at: datetime | None = Field(description="When it was archived; null where not.", examples=[None])
    created_at: datetime = Field(description="When it was made (RFC 3339, UTC).", examples=[_WHEN])
    updated_at: datetime = Field(description="When it was last changed (RFC 3339, UTC).", examples=[_WHEN])
    version: int = Field(description="Goes up with every change.", examples=[3])

    @classmethod
    def of(cls, coupon: Coupon) -> "CouponView":
        """Shows a coupon."""
        return cls(
            id=coupon.id,
            name=coupon.name,
            code=coupon.code,
            percent=None if coupon.percent is None else str(coupon.percent),
            amounts=[
                MoneyView.of(Money(minor, Currency(code))) for code, minor in sorted(coupon.amounts.items())
            ],
            product_ids=sorted(coupon.product_ids),
            plan_ids=sorted(coupon.plan_ids),
            max_redemptions=coupon.max_redemptions,
            max_per_person=coupon.max_per_person,
            redeemed=coupon.redeemed,
            starts_at=coupon.starts_at,
            ends_at=coupon.ends_at,
            is_stackable=coupon.is_stackable,
            is_active=coupon.is_active,
            archived_at=coupon.archived_at,
            created_at=coupon.created_at,
            updated_at=coupon.updated_at,
            version=coupon.version,
        )


class CouponPage(BaseModel):
    """Some coupons, the newest first."""

    model_config = _FROZEN

    items: list[CouponView] = Field(description="The coupons.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )
