"""Keeping products: making, changing, publishing and archiving them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.catalog.authority import may, require_anywhere, require_on
from multiproduct.application.catalog.commands import ChangeProduct, CreateProduct, ListProducts
from multiproduct.application.catalog.configuring import Configuring
from multiproduct.application.catalog.places import id_cursor, id_place
from multiproduct.application.catalog.ports import CatalogUnit, ProductFilter
from multiproduct.application.catalog.reading_input import read_amount
from multiproduct.application.catalog.results import ManagedProduct, ManagedProductPage
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.paging import page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import (
    ChangedMeanwhile,
    CodeTaken,
    Plan,
    Product,
    ProductStatus,
    SlugTaken,
    UnknownProduct,
)
from multiproduct.domain.catalog.names import MAX_CODE, MAX_SLUG, code_of, read_code, read_slug, slug_of
from multiproduct.domain.catalog.permissions import (
    OWN_PRODUCTS,
    PRODUCTS_CREATE,
    PRODUCTS_DELETE,
    PRODUCTS_PUBLISH,
    PRODUCTS_READ,
    PRODUCTS_UPDATE,
)
from multiproduct.domain.catalog.search_text import words_of
from multiproduct.domain.shared import Forbidden

_CREATE = "catalog.products.create"
_NAMES_TRIED = 4


class ProductKeeping:
    """Staff keeps every product, or within a scope a provider's; providers keep their own."""

    def __init__(
        self,
        *,
        units: Units[CatalogUnit],
        clock: Clock,
        ids: Ids,
        configuring: Configuring,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._configuring = configuring
        self._idempotency = idempotency

    async def find(self, command: ListProducts, caller: Caller) -> ManagedProductPage:
        """A page of the products that the caller may manage. Needs `catalog.product.read`, with
        `provider_id` also within that scope; providers see their own, and nothing of others'. Raises
        InvalidInput."""
        require_anywhere(caller, PRODUCTS_READ)
        provider_id = command.provider_id
        if provider_id is None and not caller.principal.may(PRODUCTS_READ):
            provider_id = caller.principal.user_id
        if not may(caller.principal, PRODUCTS_READ, provider_id):
            return ManagedProductPage(items=[], next_cursor=None)
        wanted = ProductFilter(
            status=ProductStatus(command.status) if command.status else None,
            provider_id=provider_id,
            words=words_of(command.q or ""),
        )
        after = id_place(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.products.page(wanted, limit=command.limit + 1, after=after)
        page = page_of(list(found), limit=command.limit, cursor_of=id_cursor)
        return ManagedProductPage(
            items=[ManagedProduct.managed(product) for product in page.items], next_cursor=page.next_cursor
        )

    async def read(self, product_id: UUID, caller: Caller) -> ManagedProduct:
        """One product, whatever its status. Needs `catalog.product.read`. Raises UnknownProduct."""
        require_anywhere(caller, PRODUCTS_READ)
        async with self._units.view(caller) as view:
            product = await _required(view, product_id)
            require_on(caller, PRODUCTS_READ, product, otherwise=UnknownProduct)
            return ManagedProduct.managed(product)

    async def create(
        self, command: CreateProduct, caller: Caller, *, idempotency_key: str | None = None
    ) -> ManagedProduct:
        """Makes a product as a draft. Needs `catalog.product.create`, or `catalog.own_product.manage` for one
        of the caller's own. Raises InvalidInput, SlugTaken, CodeTaken, IdempotencyMismatch."""
        require_anywhere(caller, PRODUCTS_CREATE)
        provider_id = self._provider(command, caller)
        findings = InputFindings()
        self.check_create(command, findings)
        findings.refuse()
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> ManagedProduct:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_CREATE,
                caller=caller,
                command=command,
                answer_type=ManagedProduct,
                now=now,
                body=lambda: self._create(unit, command, provider_id, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    def check_create(self, command: CreateProduct, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        slug, code, base, schema = command.slug, command.code, command.base_price, command.product_schema
        if slug is not None:
            findings.read(lambda: read_slug(slug), "slug")
        if code is not None:
            findings.read(lambda: read_code(code), "code")
        if base is not None:
            findings.read(lambda: read_amount(base, "base_price"), "base_price")
        findings.read(lambda: self._configuring.require_schema(schema), "product_schema")

    async def change(self, product_id: UUID, command: ChangeProduct, caller: Caller) -> ManagedProduct:
        """Changes the given fields. Needs `catalog.product.update`. Raises InvalidInput, UnknownProduct,
        ProductMoveRefused for an archived product, ChangedMeanwhile where `version` is not the present
        one."""
        findings = InputFindings()
        self.check_change(command, findings)
        findings.refuse()

        async def change(product: Product, now: datetime) -> None:
            if command.version not in (None, product.version):
                raise ChangedMeanwhile
            product.change(_wanted(command), now=now)

        return await self._with(product_id, PRODUCTS_UPDATE, caller, change)

    def check_change(self, command: ChangeProduct, findings: InputFindings) -> None:
        """Adds what `change` would refuse in the fields of a command, also of one that lacks some."""
        base, schema = command.base_price, command.product_schema
        if base is not None:
            findings.read(lambda: read_amount(base, "base_price"), "base_price")
        if schema is not None:
            findings.read(lambda: self._configuring.require_schema(schema), "product_schema")

    async def move(self, product_id: UUID, status: ProductStatus, caller: Caller) -> ManagedProduct:
        """Publishes a product or takes it from sale, which needs `catalog.product.publish`, or archives it,
        which needs `catalog.product.delete`. What was sold goes on. Raises UnknownProduct,
        ProductMoveRefused."""
        permission = PRODUCTS_DELETE if status is ProductStatus.ARCHIVED else PRODUCTS_PUBLISH

        async def change(product: Product, now: datetime) -> None:
            product.move(status, now=now)

        return await self._with(product_id, permission, caller, change)

    async def _with(
        self,
        product_id: UUID,
        permission: str,
        caller: Caller,
        change: Callable[[Product, datetime], Awaitable[None]],
    ) -> ManagedProduct:
        require_anywhere(caller, permission)
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> ManagedProduct:
            product = await _required(unit, product_id)
            require_on(caller, permission, product, otherwise=UnknownProduct)
            await change(product, now)
            await unit.products.save(product)
            await unit.commit()
            return ManagedProduct.managed(product)

        return await in_unit(lambda: self._units.open(caller), body)

    def _provider(self, command: CreateProduct, caller: Caller) -> UUID | None:
        """Whose the new product is. Raises Forbidden."""
        principal = caller.principal
        wanted = command.provider_id
        if wanted is None and not principal.may(PRODUCTS_CREATE) and principal.may(OWN_PRODUCTS):
            return principal.user_id
        if not may(principal, PRODUCTS_CREATE, wanted):
            raise Forbidden(permission=PRODUCTS_CREATE)
        return wanted

    async def _create(
        self, unit: CatalogUnit, command: CreateProduct, provider_id: UUID | None, now: datetime
    ) -> ManagedProduct:
        product_id = self._ids.next()
        tail = product_id.hex[-6:]
        base = command.base_price
        product = Product(
            id=product_id,
            name=command.name,
            slug=command.slug or slug_of(command.name, fallback=f"product-{tail}"),
            code=read_code(command.code)
            if command.code
            else code_of(command.name, fallback=f"PRODUCT_{tail.upper()}"),
            description=command.description,
            base_price=None if base is None else read_amount(base, "base_price"),
            schema=command.product_schema,
            trial_days=command.trial_days,
            is_active=command.is_active,
            provider_id=provider_id,
            created_at=now,
            updated_at=now,
        )
        await add_under_free_names(
            product,
            unit.products.add,
            keeps_slug=command.slug is not None,
            keeps_code=command.code is not None,
        )
        product.created()
        return ManagedProduct.managed(product)


async def add_under_free_names(
    named: Product | Plan,
    add: Callable[[Any], Awaitable[None]],
    *,
    keeps_slug: bool,
    keeps_code: bool,
) -> None:
    """Keeps something new; a name that nobody chose gets a tail where it is taken. Raises SlugTaken,
    CodeTaken."""
    tail = named.id.hex[-6:]
    for _ in range(_NAMES_TRIED):
        try:
            await add(named)
        except SlugTaken:
            if keeps_slug or named.slug.endswith(tail):
                raise
            named.slug = f"{named.slug[: MAX_SLUG - 7].rstrip('-')}-{tail}"
        except CodeTaken:
            if keeps_code or named.code.endswith(tail.upper()):
                raise
            named.code = f"{named.code[: MAX_CODE - 7].rstrip('_')}_{tail.upper()}"
        else:
            return


async def _required(unit: CatalogUnit, product_id: UUID) -> Product:
    product = await unit.products.find(product_id)
    if product is None:
        raise UnknownProduct
    return product


def _wanted(command: ChangeProduct) -> dict[str, Any]:
    given = command.model_fields_set - {"version"}
    wanted: dict[str, Any] = {}
    for name, attribute in _ATTRIBUTES.items():
        value = getattr(command, name)
        if name in given and value is not None:
            wanted[attribute] = value
    if "base_price" in given:
        base = command.base_price
        wanted["base_price"] = None if base is None else read_amount(base, "base_price")
    return wanted


_ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "product_schema": "schema",
    "trial_days": "trial_days",
    "is_active": "is_active",
}
