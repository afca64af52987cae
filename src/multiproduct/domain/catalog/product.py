"""A product: something a company sells by plans, such as a CRM, with a configuration of its own shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from multiproduct.domain.catalog.changing import set_differing
from multiproduct.domain.catalog.errors import ProductMoveRefused
from multiproduct.domain.catalog.events import ProductChanged, ProductCreated, ProductMoved
from multiproduct.domain.shared import Aggregate
from multiproduct.domain.shared.money import Money

DEFAULT_PRODUCT_ID = UUID("00000000-0000-7000-8000-000000000101")
"""The product of plans that were made without one: the same in every installation. A version 7 id."""
MAX_TRIAL_DAYS = 730


class ProductStatus(StrEnum):
    """Where a product stands between being written and being over."""

    DRAFT = "draft"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    ARCHIVED = "archived"


MOVES: Mapping[ProductStatus, frozenset[ProductStatus]] = MappingProxyType(
    {
        ProductStatus.DRAFT: frozenset({ProductStatus.PUBLISHED, ProductStatus.ARCHIVED}),
        ProductStatus.PUBLISHED: frozenset({ProductStatus.UNPUBLISHED, ProductStatus.ARCHIVED}),
        ProductStatus.UNPUBLISHED: frozenset({ProductStatus.PUBLISHED, ProductStatus.ARCHIVED}),
        ProductStatus.ARCHIVED: frozenset(),
    }
)
"""Which status may follow which."""


@dataclass(slots=True, kw_only=True)
class Product(Aggregate):
    """`provider_id` is the user who offers it, None for the house. `schema` is a JSON Schema (draft 2020-12)
    that a subscription's configuration must satisfy; an empty one is satisfied by everything. A product is on
    sale while it is published and active: publishing is editorial, `is_active` a switch for a while."""

    id: UUID
    name: str
    slug: str
    code: str
    description: str = ""
    base_price: Money | None = None
    schema: dict[str, Any] = field(default_factory=dict)
    trial_days: int = 0
    is_active: bool = True
    status: ProductStatus = ProductStatus.DRAFT
    provider_id: UUID | None = None
    published_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def is_on_sale(self) -> bool:
        """Whether it can be seen and bought by everybody."""
        return self.status is ProductStatus.PUBLISHED and self.is_active

    @property
    def is_default(self) -> bool:
        """Whether it is the one of plans without a product."""
        return self.id == DEFAULT_PRODUCT_ID

    def created(self) -> None:
        """Notes that it is new."""
        self._record(
            ProductCreated(
                occurred_at=self.created_at,
                product_id=self.id,
                code=self.code,
                provider_id=self.provider_id,
            )
        )

    def change(self, wanted: Mapping[str, Any], *, now: datetime) -> None:
        """Sets the given attributes where they differ. Raises ProductMoveRefused for an archived product."""
        if self.status is ProductStatus.ARCHIVED:
            raise ProductMoveRefused(status=self.status.value)
        fields = set_differing(self, wanted)
        if not fields:
            return
        self.updated_at = now
        self._record(ProductChanged(occurred_at=now, product_id=self.id, code=self.code, fields=fields))

    def move(self, status: ProductStatus, *, now: datetime) -> None:
        """Publishes it, takes it from sale or archives it; nothing happens where it is so already. Raises
        ProductMoveRefused."""
        if status is self.status:
            return
        if status not in MOVES[self.status]:
            raise ProductMoveRefused(status=self.status.value, wanted=status.value)
        before, self.status, self.updated_at = self.status, status, now
        if status is ProductStatus.PUBLISHED:
            self.published_at = now
        self._record(
            ProductMoved(
                occurred_at=now,
                product_id=self.id,
                code=self.code,
                before=before.value,
                after=status.value,
            )
        )
