"""What is asked about coupons."""

from typing import Annotated

from pydantic import Field

from multiproduct.application.catalog.commands import (
    PLAN_ID,
    Code,
    Command,
    Name,
    Paged,
    PercentText,
    Positive,
    Scopes,
    Version,
)
from multiproduct.application.moments import Moment
from multiproduct.application.money import PlainMoney
from multiproduct.domain.catalog.plan import MAX_CURRENCIES

_AMOUNT = {"amount": "5.00", "currency": "USD"}


class ListCoupons(Paged):
    """Asks for coupons, the newest first."""


class CreateCoupon(Command):
    """Makes a coupon: a percentage or amounts, never both."""

    code: Code = Field(description="What people type; kept in capitals.", examples=["WELCOME10"])
    name: Name = Field(description="What it is for.", examples=["Welcome"])
    percent: PercentText | None = Field(default=None, description="Percentage off.", examples=["10"])
    amounts: Annotated[list[PlainMoney], Field(max_length=MAX_CURRENCIES)] = Field(
        default=[], description="Amounts off, one for each currency.", examples=[[_AMOUNT]]
    )
    product_ids: Scopes = Field(default=[], description="Only for plans of these products.", examples=[[]])
    plan_ids: Scopes = Field(default=[], description="Only for these plans.", examples=[[PLAN_ID]])
    max_redemptions: Positive | None = Field(
        default=None, description="How often in all; null for any number.", examples=[100]
    )
    max_per_person: Positive | None = Field(
        default=None, description="How often each person; null for any number.", examples=[1]
    )
    starts_at: Moment | None = Field(
        default=None, description="From when (RFC 3339); null for an open end.", examples=[None]
    )
    ends_at: Moment | None = Field(
        default=None,
        description="Until before when; null for an open end.",
        examples=["2026-12-31T00:00:00Z"],
    )
    is_stackable: bool = Field(
        default=False, description="Whether it counts together with others.", examples=[False]
    )
    is_active: bool = Field(default=True, description="Whether it counts.", examples=[True])


class ChangeCoupon(Command):
    """Changes the fields that are given and leaves the others. What a coupon takes off stays."""

    name: Name | None = Field(default=None, description="What it is for.", examples=["Welcome"])
    product_ids: Scopes | None = Field(
        default=None, description="Only for plans of these products.", examples=[[]]
    )
    plan_ids: Scopes | None = Field(default=None, description="Only for these plans.", examples=[[PLAN_ID]])
    max_redemptions: Positive | None = Field(
        default=None, description="How often in all; null for any number.", examples=[100]
    )
    max_per_person: Positive | None = Field(
        default=None, description="How often each person; null for any number.", examples=[1]
    )
    starts_at: Moment | None = Field(
        default=None, description="From when (RFC 3339); null for an open end.", examples=[None]
    )
    ends_at: Moment | None = Field(
        default=None,
        description="Until before when; null for an open end.",
        examples=["2026-12-31T00:00:00Z"],
    )
    is_stackable: bool | None = Field(
        default=None, description="Whether it counts together with others.", examples=[False]
    )
    is_active: bool | None = Field(default=None, description="Whether it counts.", examples=[True])
    version: Version | None = Field(
        default=None, description="The `version` that was read: refused where it changed since.", examples=[3]
    )
