"""The permissions of the catalog, and who has which when an installation begins."""

from collections.abc import Mapping
from types import MappingProxyType

PRODUCTS_READ = "catalog.product.read"
PRODUCTS_CREATE = "catalog.product.create"
PRODUCTS_UPDATE = "catalog.product.update"
PRODUCTS_PUBLISH = "catalog.product.publish"
PRODUCTS_DELETE = "catalog.product.delete"
OWN_PRODUCTS = "catalog.own_product.manage"
COUPONS_READ = "catalog.coupon.read"
COUPONS_MANAGE = "catalog.coupon.manage"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        PRODUCTS_READ: "Read products, plans and meters that are not published.",
        PRODUCTS_CREATE: "Create products, also for providers.",
        PRODUCTS_UPDATE: "Change products, plans, prices and meters.",
        PRODUCTS_PUBLISH: "Publish and unpublish products.",
        PRODUCTS_DELETE: "Archive products, plans and meters.",
        OWN_PRODUCTS: "Offer products of one's own: everything about them, and nothing about others'.",
        COUPONS_READ: "List coupons and read them.",
        COUPONS_MANAGE: "Create, change and archive coupons.",
    }
)
"""What each permission allows. Those about products can be held within the scope `provider:<id>`."""

SERVICE_PROVIDER_PERMISSIONS = frozenset({OWN_PRODUCTS})
"""What the built-in role Service Provider is given of these. Admin has all of them."""
