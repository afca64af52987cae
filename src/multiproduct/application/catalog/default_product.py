"""The product of plans that are made without one."""

from datetime import datetime

from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.domain.catalog import DEFAULT_PRODUCT_ID, Product, ProductStatus, UnknownProduct


class DefaultProduct:
    """A step: it takes the caller's unit."""

    def __init__(self, *, name: str) -> None:
        """`name` is what people call it: the brand."""
        self._name = name

    async def ensure(self, unit: CatalogUnit, *, now: datetime) -> Product:
        """The installation's own product, made on first need, published and active. Raises UnknownProduct
        where something else has its slug or code."""
        product = Product(
            id=DEFAULT_PRODUCT_ID,
            name=self._name,
            slug="default",
            code="DEFAULT",
            status=ProductStatus.PUBLISHED,
            published_at=now,
            created_at=now,
            updated_at=now,
        )
        if await unit.products.ensure(product):
            product.created()
            return product
        found = await unit.products.find(DEFAULT_PRODUCT_ID)
        if found is None:
            raise UnknownProduct
        return found
