"""The roles that an installation begins with: the built-in ones, with what each context gives them."""

from collections.abc import Mapping
from dataclasses import replace

from multiproduct.domain.billing import PERMISSIONS as BILLING_PERMISSIONS
from multiproduct.domain.catalog import PERMISSIONS as CATALOG_PERMISSIONS
from multiproduct.domain.catalog import SERVICE_PROVIDER_PERMISSIONS
from multiproduct.domain.identity import BuiltInRole, Role, built_in_roles
from multiproduct.domain.ledger import PERMISSIONS as LEDGER_PERMISSIONS
from multiproduct.domain.notifications.permissions import PERMISSIONS as NOTIFICATION_PERMISSIONS
from multiproduct.domain.payments import PERMISSIONS as PAYMENT_PERMISSIONS
from multiproduct.domain.subscriptions import PERMISSIONS as SUBSCRIPTION_PERMISSIONS
from multiproduct.domain.translation import PERMISSIONS as TRANSLATION_PERMISSIONS
from multiproduct.domain.webhooks import PERMISSIONS as WEBHOOK_PERMISSIONS

# What migrations of the contexts above identity write; identity's own are in the roles already.
_GIVEN: tuple[Mapping[str, frozenset[str]], ...] = (
    {BuiltInRole.ADMIN: frozenset(LEDGER_PERMISSIONS)},
    {BuiltInRole.ADMIN: frozenset(SUBSCRIPTION_PERMISSIONS)},
    {BuiltInRole.ADMIN: frozenset(BILLING_PERMISSIONS)},
    {BuiltInRole.ADMIN: frozenset(PAYMENT_PERMISSIONS)},
    {
        BuiltInRole.ADMIN: frozenset(CATALOG_PERMISSIONS),
        BuiltInRole.SERVICE_PROVIDER: SERVICE_PROVIDER_PERMISSIONS,
    },
    {BuiltInRole.ADMIN: frozenset(WEBHOOK_PERMISSIONS)},
    {BuiltInRole.ADMIN: frozenset(TRANSLATION_PERMISSIONS)},
    {BuiltInRole.ADMIN: frozenset(NOTIFICATION_PERMISSIONS)},
)


def beginning_roles() -> list[Role]:
    """The same in every installation. Admin has every permission that there is."""
    return [
        replace(role, permissions=role.permissions.union(*(given.get(role.key, ()) for given in _GIVEN)))
        for role in built_in_roles()
    ]
