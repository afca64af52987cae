"""What the catalog needs: its repositories, and somebody who reads JSON Schemas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.catalog import (
    Coupon,
    CycleName,
    Meter,
    MeteredPrice,
    Offering,
    Plan,
    Price,
    Product,
    ProductStatus,
    Redemption,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaProblem:
    """Something that a schema's text or a configuration breaks. `path` are the names and indexes that lead to
    it, `keyword` the one of JSON Schema that refuses it, or what else is wrong with a schema: `depth`,
    `size`, `$schema`, `$ref`, `pattern`, `complexity`. `value` is what the keyword has in the schema, as
    JSON, where that is short: the values of an `enum`, the number of a `minimum`."""

    path: tuple[str | int, ...]
    keyword: str
    value: str | None = None


class ConfigurationSchemas(Protocol):
    """Reads JSON Schemas, draft 2020-12. Nothing is ever fetched, and no schema, however it is written, keeps
    it busy for more than a bounded time."""

    def problems_of_schema(self, schema: Mapping[str, Any]) -> Sequence[SchemaProblem]:
        """What is wrong with a schema, at most 20 problems: not one of draft 2020-12, a reference to anything
        outside itself, too deep or too large, or a pattern that could take for ever."""
        ...

    def problems_of(self, schema: Mapping[str, Any], configuration: Any) -> Sequence[SchemaProblem]:
        """Where a configuration breaks a schema that has no problems itself, at most 20 problems, by their
        paths."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products are wanted. `words` are folded by `search_text.folded`; each occurs in what is found."""

    on_sale: bool = False
    status: ProductStatus | None = None
    provider_id: UUID | None = None
    slug: str | None = None
    code: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFilter:
    """Which plans are wanted. `on_sale` is about the product too; without it archived plans are found."""

    on_sale: bool = False
    product_id: UUID | None = None
    provider_id: UUID | None = None
    cycle: CycleName | None = None
    currency: str | None = None
    is_popular: bool | None = None
    words: tuple[str, ...] = ()


class Products(Protocol):
    """Keeps products. The unique indexes are the only truth about slugs and codes."""

    async def add(self, product: Product) -> None:
        """Keeps a new product. Raises SlugTaken, CodeTaken; the unit can go on."""
        ...

    async def ensure(self, product: Product) -> bool:
        """Keeps a product unless its id, slug or code is there; answers whether it was kept."""
        ...

    async def save(self, product: Product) -> None:
        """Writes a product, but for its slug and code, unless somebody saved it since it was loaded. Raises
        StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Product | None:
        """The product by id."""
        ...

    async def find_named(self, *, slug: str, code: str) -> Product | None:
        """The product that has the slug, else the one that has the code."""
        ...

    async def page(
        self, wanted: ProductFilter, *, limit: int, after: UUID | None = None
    ) -> Sequence[Product]:
        """Those that are wanted, in the order in which they were made."""
        ...


class Plans(Protocol):
    """Keeps plans with their prices. Plans come with the prices that are not over at `at`. The unique indexes
    are the only truth about slugs (everywhere) and codes (within a product)."""

    async def add(self, plan: Plan) -> None:
        """Keeps a new plan and its prices. Raises SlugTaken, CodeTaken; the unit can go on."""
        ...

    async def save(self, plan: Plan) -> None:
        """Writes a plan, but for its slug, code and prices, unless somebody saved it since it was loaded.
        Raises StaleAggregate."""
        ...

    async def save_prices(self, plan: Plan) -> None:
        """Like `save`, and keeps its new prices; of the others only when they end is written."""
        ...

    async def find(self, id: UUID, *, at: datetime) -> Offering | None:
        """The plan by id, with its product."""
        ...

    async def find_named(
        self, *, slug: str, code: str, product_id: UUID | None, at: datetime
    ) -> Sequence[Offering]:
        """The plan that has the slug, else those that have the code, at most 2; within a product where one is
        given."""
        ...

    async def page(
        self, wanted: PlanFilter, *, at: datetime, limit: int, after: tuple[int, UUID] | None = None
    ) -> Sequence[Offering]:
        """Those that are wanted, by their sort order and id."""
        ...

    async def count(self, product_id: UUID) -> int:
        """How many plans a product has that are not archived."""
        ...

    async def price(self, price_id: UUID) -> Price | None:
        """A price by id, also one that is over: what something was sold at."""
        ...

    async def prices(self, plan_id: UUID, *, limit: int) -> Sequence[Price]:
        """All prices that a plan has, had and will have, those of the latest beginning first."""
        ...


class Coupons(Protocol):
    """Keeps coupons and what they were redeemed for. The unique index is the only truth about codes."""

    async def add(self, coupon: Coupon) -> None:
        """Keeps a new coupon. Raises CodeTaken; the unit can go on."""
        ...

    async def save(self, coupon: Coupon) -> None:
        """Writes a coupon, but for its code and how often it was redeemed, unless somebody saved it since it
        was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Coupon | None:
        """The coupon by id."""
        ...

    async def find_codes(self, codes: Sequence[str]) -> Sequence[Coupon]:
        """The coupons that have one of the codes, by code."""
        ...

    async def page(self, *, limit: int, after: UUID | None = None) -> Sequence[Coupon]:
        """All coupons, the newest first."""
        ...

    async def redeem(self, redemption: Redemption) -> bool:
        """Redeems a coupon for a subject, if it counts at that instant, was redeemed less often than it may
        be by everybody and by the person, and was not redeemed for the subject. One conditional statement
        decides; rivals for the same coupon wait until the unit ends. False, and nothing is kept, otherwise.
        """
        ...

    async def redemptions(self, subject_id: UUID) -> Sequence[Redemption]:
        """What was redeemed for a subject."""
        ...

    async def give_back(self, redemption: Redemption) -> bool:
        """Undoes a redemption, so that it does not count any more; false where there is none."""
        ...


class Meters(Protocol):
    """Keeps meters. The unique index is the only truth about codes within a product."""

    async def add(self, meter: Meter) -> None:
        """Keeps a new meter. Raises CodeTaken; the unit can go on."""
        ...

    async def save(self, meter: Meter) -> None:
        """Writes a meter's name, unit and end, unless somebody saved it since it was loaded. Raises
        StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Meter | None:
        """The meter by id."""
        ...

    async def find_code(self, product_id: UUID, code: str) -> Meter | None:
        """A product's meter by code."""
        ...

    async def of_product(self, product_id: UUID, *, limit: int) -> Sequence[Meter]:
        """A product's meters, by code."""
        ...


class MeteredPrices(Protocol):
    """Keeps what plans charge for usage."""

    async def put(self, price: MeteredPrice) -> None:
        """Keeps a new metered price. Those of the same plan, meter and currency end where it begins; one that
        would have begun later never does."""
        ...

    async def find(self, id: UUID) -> MeteredPrice | None:
        """The metered price by id, also one that is over."""
        ...

    async def of_plan(
        self, plan_id: UUID, *, at: datetime, currency: str | None = None
    ) -> Sequence[MeteredPrice]:
        """Those of a plan that hold at the instant, in one currency where it is given, by meter and
        currency."""
        ...


class CatalogUnit(UnitOfWork, Protocol):
    """What the catalog's use cases and steps see of a unit."""

    @property
    def products(self) -> Products: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def coupons(self) -> Coupons: ...
    @property
    def meters(self) -> Meters: ...
    @property
    def metered_prices(self) -> MeteredPrices: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
