"""What is asked of the catalog, checked for shape; the domain checks the meaning."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.moments import Moment
from multiproduct.application.money import CurrencyCode, PlainMoney
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.catalog.cycle import MAX_DAYS, MAX_MONTHS
from multiproduct.domain.catalog.plan import DEFAULT_MAX_USERS, DEFAULT_STORAGE_GB, MAX_CURRENCIES
from multiproduct.domain.catalog.product import MAX_TRIAL_DAYS

MAX_FEATURES = 100
MAX_SCOPES = 200
MAX_QUANTITY = 1_000_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=150, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Description = Annotated[str, StringConstraints(max_length=10_000)]
Features = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=200)]], Field(max_length=MAX_FEATURES)
]
TrialDays = Annotated[int, Field(ge=0, le=MAX_TRIAL_DAYS)]
PercentText = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,2})?$")]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]
Version = Annotated[int, Field(ge=0, le=2_000_000_000)]
Search = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Cursor = Annotated[str, StringConstraints(max_length=512)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
CycleText = Literal["weekly", "monthly", "quarterly", "half_yearly", "yearly", "custom"]
Prices = Annotated[list[PlainMoney], Field(min_length=1, max_length=MAX_CURRENCIES)]
Scopes = Annotated[list[UUID], Field(max_length=MAX_SCOPES)]

PRODUCT_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
PLAN_ID = "0199a4d3-1f60-7a11-8d2b-5c0e9f4a7b21"
METER_ID = "0199a4d4-52c8-7c3d-b1a9-8e6f2d0c4a33"
SCHEMA = {"type": "object", "properties": {"seats": {"type": "integer", "minimum": 1}}}
PRICE = {"amount": "19.99", "currency": "USD"}
_VERSION = (
    "The `version` that was read: refused where somebody changed it since. Without it, whatever is there."
)
_SLUG = "For addresses: small letters and digits joined by hyphens. Made out of the name where none is given."
_CODE = "For programs: letters and digits joined by `-`, `_` or `.`, kept in capitals."
_CURSOR = "Where the page begins: the `next_cursor` of the one before."
_LIMIT = "How many at most."
_WINDOW = "(RFC 3339); null for an open end."


class Command(BaseModel):
    """Commands are frozen and refuse fields they do not know."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class Paged(Command):
    """Asks for a page."""

    cursor: Cursor | None = Field(default=None, description=_CURSOR, examples=["WyIwMTk5YTRkMiJd"])
    limit: Limit = Field(default=DEFAULT_LIMIT, description=_LIMIT, examples=[50])


class BrowseProducts(Paged):
    """Asks for products on sale."""

    q: Search | None = Field(
        default=None, description="Words that name, code or description hold.", examples=["crm"]
    )
    slug: Slug | None = Field(
        default=None, description="Only the one with this slug.", examples=["stark-crm"]
    )
    code: Code | None = Field(
        default=None, description="Only the one with this code.", examples=["STARK-MK85"]
    )


class BrowsePlans(Paged):
    """Asks for plans on sale."""

    q: Search | None = Field(
        default=None, description="Words that name, code or description hold.", examples=["gold"]
    )
    product: Reference | None = Field(
        default=None, description="Only those of this product: id, slug or code.", examples=["STARK-MK85"]
    )
    cycle: CycleText | None = Field(
        default=None, description="Only those with this billing cycle.", examples=["monthly"]
    )
    currency: CurrencyCode | None = Field(
        default=None,
        description="Only those with a price in this currency, which `price` then tells.",
        examples=["USD"],
    )
    popular: bool | None = Field(
        default=None, description="Only those that are marked popular, or that are not.", examples=[True]
    )


class ListProducts(Paged):
    """Asks for the products that one may manage, whatever their status."""

    q: Search | None = Field(
        default=None, description="Words that name, code or description hold.", examples=["crm"]
    )
    status: Literal["draft", "published", "unpublished", "archived"] | None = Field(
        default=None, description="Only those in this status.", examples=["draft"]
    )
    provider_id: UUID | None = Field(
        default=None, description="Only those of this provider.", examples=[PRODUCT_ID]
    )


class ListPlans(Paged):
    """Asks for the plans of a product that one may manage, archived ones among them."""

    product: Reference = Field(description="The product: id, slug or code.", examples=["STARK-MK85"])


class CreateProduct(Command):
    """Makes a product, as a draft."""

    name: Name = Field(description="What people call it.", examples=["STARK CRM"])
    slug: Slug | None = Field(default=None, description=_SLUG, examples=["stark-crm"])
    code: Code | None = Field(default=None, description=_CODE, examples=["STARK-MK85"])
    description: Description = Field(
        default="", description="What it is.", examples=["Customers and deals in one place."]
    )
    base_price: PlainMoney | None = Field(
        default=None, description="What it costs from, to be shown; plans say what is paid.", examples=[PRICE]
    )
    product_schema: dict[str, Any] = Field(
        default={},
        description="JSON Schema, draft 2020-12, which the configuration of a subscription must satisfy.",
        examples=[SCHEMA],
    )
    trial_days: TrialDays = Field(default=0, description="Days of a trial; 0 for none.", examples=[14])
    is_active: bool = Field(
        default=True, description="Whether it is on sale once published.", examples=[True]
    )
    provider_id: UUID | None = Field(
        default=None,
        description="The user who offers it; null for the house. Providers make their own.",
        examples=[None],
    )


class ChangeProduct(Command):
    """Changes the fields that are given and leaves the others. Slug and code stay."""

    name: Name | None = Field(default=None, description="What people call it.", examples=["STARK CRM"])
    description: Description | None = Field(
        default=None, description="What it is.", examples=["Customers and deals in one place."]
    )
    base_price: PlainMoney | None = Field(
        default=None, description="What it costs from; null for nothing said.", examples=[PRICE]
    )
    product_schema: dict[str, Any] | None = Field(
        default=None,
        description="JSON Schema, draft 2020-12. Subscriptions that there are stay as they are.",
        examples=[SCHEMA],
    )
    trial_days: TrialDays | None = Field(
        default=None, description="Days of a trial; 0 for none.", examples=[14]
    )
    is_active: bool | None = Field(
        default=None, description="Whether it is on sale once published.", examples=[True]
    )
    version: Version | None = Field(default=None, description=_VERSION, examples=[3])


class CreatePlan(Command):
    """Makes a plan with its first prices."""

    product: Reference | None = Field(
        default=None,
        description="The product: id, slug or code; without one, the installation's own.",
        examples=["STARK-MK85"],
    )
    name: Name = Field(description="What people call it.", examples=["Gold"])
    slug: Slug | None = Field(default=None, description=_SLUG, examples=["stark-crm-gold"])
    code: Code | None = Field(default=None, description=_CODE, examples=["MONTHLY_GOLD"])
    description: Description = Field(default="", description="What it is.", examples=["For growing teams."])
    cycle: CycleText = Field(description="How long a period is.", examples=["monthly"])
    cycle_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        default=None, description="Days of a period, of a `custom` cycle only.", examples=[None]
    )
    cycle_months: Annotated[int, Field(ge=1, le=MAX_MONTHS)] | None = Field(
        default=None, description="Months of a period, of a `custom` cycle only.", examples=[None]
    )
    prices: Prices = Field(
        description="What one costs for a period: one price for each currency.", examples=[[PRICE]]
    )
    discount_percent: PercentText | None = Field(
        default=None, description="Percentage off, at most two digits behind the point.", examples=["15"]
    )
    discount_starts_at: Moment | None = Field(
        default=None, description=f"From when it is off {_WINDOW}", examples=["2026-11-27T00:00:00Z"]
    )
    discount_ends_at: Moment | None = Field(
        default=None, description=f"Until before when {_WINDOW}", examples=["2026-12-01T00:00:00Z"]
    )
    features: Features = Field(default=[], description="What it comes with.", examples=[["Pipelines"]])
    max_users: Positive = Field(
        default=DEFAULT_MAX_USERS, description="How many people may use it.", examples=[5]
    )
    storage_gb: Count = Field(default=DEFAULT_STORAGE_GB, description="Storage in GB.", examples=[50])
    is_popular: bool = Field(default=False, description="Whether it is shown as popular.", examples=[True])
    sort_order: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = Field(
        default=0, description="Its place among plans: small ones first.", examples=[10]
    )
    has_trial: bool = Field(default=False, description="Whether a trial is offered.", examples=[True])
    trial_days: TrialDays | None = Field(
        default=None, description="Days of its trial; null for the product's.", examples=[None]
    )
    is_active: bool = Field(default=True, description="Whether it is offered.", examples=[True])


class ChangePlan(Command):
    """Changes the fields that are given and leaves the others. Slug, code and cycle stay; prices are set by
    themselves."""

    name: Name | None = Field(default=None, description="What people call it.", examples=["Gold"])
    description: Description | None = Field(
        default=None, description="What it is.", examples=["For growing teams."]
    )
    discount_percent: PercentText | None = Field(
        default=None, description="Percentage off; null for none.", examples=["15"]
    )
    discount_starts_at: Moment | None = Field(
        default=None, description=f"From when it is off {_WINDOW}", examples=["2026-11-27T00:00:00Z"]
    )
    discount_ends_at: Moment | None = Field(
        default=None, description=f"Until before when {_WINDOW}", examples=["2026-12-01T00:00:00Z"]
    )
    features: Features | None = Field(
        default=None, description="What it comes with.", examples=[["Pipelines"]]
    )
    max_users: Positive | None = Field(default=None, description="How many people may use it.", examples=[5])
    storage_gb: Count | None = Field(default=None, description="Storage in GB.", examples=[50])
    is_popular: bool | None = Field(
        default=None, description="Whether it is shown as popular.", examples=[True]
    )
    sort_order: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = Field(
        default=None, description="Its place among plans: small ones first.", examples=[10]
    )
    has_trial: bool | None = Field(default=None, description="Whether a trial is offered.", examples=[True])
    trial_days: TrialDays | None = Field(
        default=None, description="Days of its trial; null for the product's.", examples=[None]
    )
    is_active: bool | None = Field(default=None, description="Whether it is offered.", examples=[True])
    version: Version | None = Field(default=None, description=_VERSION, examples=[3])


class SetPrice(Command):
    """Has a plan cost something else in one currency, now or from an instant on."""

    price: PlainMoney = Field(description="What one costs for a period, with its currency.", examples=[PRICE])
    valid_from: Moment | None = Field(
        default=None, description="From when (RFC 3339); now where it is left out.", examples=[None]
    )
    version: Version | None = Field(default=None, description=_VERSION, examples=[3])


class QuoteLine(Command):
    """So many of a plan."""

    plan: Reference = Field(description="The plan: id, slug or code.", examples=["MONTHLY_GOLD"])
    product: Reference | None = Field(
        default=None,
        description="Its product, where a code alone could mean several.",
        examples=["STARK-MK85"],
    )
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = Field(
        default=1, description="How many.", examples=[3]
    )


class AskForQuote(Command):
    """Asks what plans cost together."""

    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=50)] = Field(
        description="What is wanted.",
        examples=[[{"plan": "MONTHLY_GOLD", "product": "STARK-MK85", "quantity": 3}]],
    )
    currency: CurrencyCode = Field(description="In which currency.", examples=["USD"])
    coupons: Annotated[list[Code], Field(max_length=10)] = Field(
        default=[], description="Codes of coupons.", examples=[["WELCOME10"]]
    )
