"""Putting the catalog together."""

from typing import TYPE_CHECKING, Any

from multiproduct.adapters.jsonschema import JsonschemaConfigurationSchemas
from multiproduct.application.catalog import Catalog, CatalogParts, wire_catalog
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.unit_of_work import Units

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def catalog_of(assembly: "Assembly", units: Units[Any]) -> Catalog:
    """The catalog's use cases and steps on these units."""
    return wire_catalog(
        CatalogParts(
            units=units,
            clock=assembly.clock,
            ids=assembly.ids,
            schemas=JsonschemaConfigurationSchemas(),
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            brand_name=assembly.brand.name,
            default_currency=assembly.settings.default_currency,
        )
    )
