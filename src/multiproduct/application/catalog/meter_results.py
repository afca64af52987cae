"""What is answered about meters and what usage costs."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.catalog.commands import METER_ID, PLAN_ID, PRODUCT_ID
from multiproduct.application.money import MoneyView
from multiproduct.domain.catalog import Meter, MeteredPrice
from multiproduct.domain.shared.money import Money

_WHEN = "2026-11-21T06:30:00Z"
_FROZEN = ConfigDict(defer_build=True, frozen=True)


class MeterView(BaseModel):
    """A meter. `name` and `unit` are for people."""

    model_config = _FROZEN

    id: UUID = Field(description="The meter's id.", examples=[METER_ID])
    product_id: UUID = Field(description="The product whose usage it measures.", examples=[PRODUCT_ID])
    name: str = Field(description="What people call it.", examples=["API calls"])
    unit: str = Field(description="What one of it is called.", examples=["call"])
    code: str = Field(description="What usage events name it by.", examples=["API_CALLS"])
    aggregation: str = Field(
        description="How measurements become one quantity: `sum`, `max`, `last` or `unique_count`.",
        examples=["sum"],
    )
    archived_at: datetime | None = Field(description="When it was archived; null where not.", examples=[None])
    version: int = Field(description="Goes up with every change.", examples=[3])

    @classmethod
    def of(cls, meter: Meter) -> "MeterView":
        """Shows a meter."""
        return cls(
            id=meter.id,
            product_id=meter.product_id,
            name=meter.name,
            unit=meter.unit,
            code=meter.code,
            aggregation=meter.aggregation.value,
            archived_at=meter.archived_at,
            version=meter.version,
        )


class MeterList(BaseModel):
    """The meters of a product, by code."""

    model_config = _FROZEN

    items: list[MeterView] = Field(description="The meters.")


class TierView(BaseModel):
    """A tier of a metered price."""

    model_config = _FROZEN

    up_to: int | None = Field(description="Its end, which belongs to it; null for none.", examples=[1000])
    unit_price: str = Field(description="What each costs, exactly.", examples=["0.0025"])
    flat: MoneyView = Field(
        description="What is charged once where it is reached.",
        examples=[{"amount": "5.00", "currency": "USD"}],
    )


class MeteredPriceView(BaseModel):
    """What a plan charges for what a meter measures."""

    model_config = _FROZEN

    id: UUID = Field(description="The metered price's id.", examples=[PLAN_ID])
    meter_id: UUID = Field(description="The meter's id.", examples=[METER_ID])
    currency: str = Field(description="In which currency.", examples=["USD"])
    model: str = Field(
        description="How the quantity becomes an amount: `per_unit`, `graduated`, `volume` or `package`.",
        examples=["graduated"],
    )
    tiers: list[TierView] = Field(description="The tiers.")
    package_size: int = Field(description="How many a package holds.", examples=[1])
    valid_from: datetime = Field(description="From when it holds (RFC 3339, UTC).", examples=[_WHEN])
    valid_until: datetime | None = Field(
        description="Until before when; null while nothing follows.", examples=[None]
    )

    @classmethod
    def of(cls, price: MeteredPrice) -> "MeteredPriceView":
        """Shows a metered price."""
        tariff = price.tariff
        return cls(
            id=price.id,
            meter_id=price.meter_id,
            currency=tariff.currency.code,
            model=tariff.model.value,
            tiers=[
                TierView(
                    up_to=tier.up_to,
                    unit_price=tier.unit_price.text,
                    flat=MoneyView.of(Money(tier.flat_minor, tariff.currency)),
                )
                for tier in tariff.tiers
            ],
            package_size=tariff.package_size,
            valid_from=price.valid_from,
            valid_until=price.valid_until,
        )
