"""What is asked about meters and what usage costs."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from multiproduct.application.catalog.commands import Code, Command, Name, Positive, Reference, Version
from multiproduct.application.moments import Moment
from multiproduct.application.money import CurrencyCode
from multiproduct.domain.catalog.metering import MAX_TIERS

UnitPriceText = Annotated[str, StringConstraints(pattern=r"^\d{1,15}(\.\d{1,12})?$")]
AmountText = Annotated[str, StringConstraints(pattern=r"^\d{1,15}(\.\d{1,4})?$")]
UnitText = Annotated[str, StringConstraints(max_length=50)]


class ListMeters(Command):
    """Asks for the meters of a product."""

    product: Reference = Field(description="The product: id, slug or code.", examples=["STARK-MK85"])


class CreateMeter(Command):
    """Makes a meter of a product's usage."""

    product: Reference = Field(description="The product: id, slug or code.", examples=["STARK-MK85"])
    code: Code = Field(description="What usage events name it by; kept in capitals.", examples=["API_CALLS"])
    name: Name = Field(description="What people call it.", examples=["API calls"])
    unit: UnitText = Field(default="", description="What one of it is called.", examples=["call"])
    aggregation: Literal["sum", "max", "last", "unique_count"] = Field(
        description="How the measurements of a period become one quantity.", examples=["sum"]
    )


class ChangeMeter(Command):
    """Changes what people read of a meter."""

    name: Name | None = Field(default=None, description="What people call it.", examples=["API calls"])
    unit: UnitText | None = Field(default=None, description="What one of it is called.", examples=["call"])
    version: Version | None = Field(
        default=None, description="The `version` that was read: refused where it changed since.", examples=[3]
    )


class TierInput(Command):
    """A tier: quantities above those of the one before, up to and with `up_to`."""

    up_to: Positive | None = Field(
        default=None, description="Its end; null for the last one.", examples=[1000]
    )
    unit_price: UnitPriceText = Field(
        description="What each costs, at most 12 digits behind the point.", examples=["0.0025"]
    )
    flat: AmountText = Field(
        default="0", description="What is charged once where the tier is reached.", examples=["5.00"]
    )


class SetMeteredPrice(Command):
    """Has a plan charge for what a meter measures, in one currency, now or from an instant on."""

    meter: Reference = Field(description="The meter: id or code.", examples=["API_CALLS"])
    currency: CurrencyCode = Field(description="In which currency.", examples=["USD"])
    model: Literal["per_unit", "graduated", "volume", "package"] = Field(
        description="How the quantity becomes an amount.", examples=["graduated"]
    )
    tiers: Annotated[list[TierInput], Field(min_length=1, max_length=MAX_TIERS)] = Field(
        description="The tiers, the last one without an end; `per_unit` and `package` have one.",
        examples=[[{"up_to": 1000, "unit_price": "0"}, {"unit_price": "0.0025"}]],
    )
    package_size: Positive = Field(default=1, description="How many a package holds.", examples=[1])
    valid_from: Moment | None = Field(
        default=None, description="From when (RFC 3339); now where it is left out.", examples=[None]
    )
    version: Version | None = Field(
        default=None, description="The plan's `version` that was read.", examples=[3]
    )
