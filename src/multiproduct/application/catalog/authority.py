"""Who may do what with products: staff with all or with a provider's, providers with their own."""

from uuid import UUID

from multiproduct.application.caller import Caller, Principal
from multiproduct.domain.catalog import Product
from multiproduct.domain.catalog.permissions import OWN_PRODUCTS
from multiproduct.domain.shared import MultiproductError


def require_anywhere(caller: Caller, permission: str) -> None:
    """Passes whoever may do it with some product at least: asked before anything is looked up, so that others
    learn nothing about what there is. Raises Unauthenticated, Forbidden, StepUpRequired."""
    principal = caller.principal
    if principal.may(permission) or principal.may(OWN_PRODUCTS):
        return
    if any(permission in held for held in principal.scoped.values()):
        return
    caller.require(OWN_PRODUCTS if OWN_PRODUCTS in principal.withheld else permission)


def may(principal: Principal, permission: str, provider_id: UUID | None) -> bool:
    """Whether it may be done with what a provider offers, or the house where it is None."""
    if provider_id is None:
        return principal.may(permission)
    if principal.may(permission, scope=f"provider:{provider_id}"):
        return True
    return principal.user_id == provider_id and principal.may(OWN_PRODUCTS)


def require_on(
    caller: Caller, permission: str, product: Product, *, otherwise: type[MultiproductError]
) -> None:
    """Raises `otherwise` for another's product: it is answered as one that there is not."""
    if not may(caller.principal, permission, product.provider_id):
        raise otherwise
