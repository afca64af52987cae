"""Who may see and change which endpoint: one's own; the installation's by permission; nobody any other."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.webhooks.ports import WebhooksUnit
from multiproduct.domain.shared import NotFound
from multiproduct.domain.webhooks import INSTALLATION, Endpoint


async def reached(unit: WebhooksUnit, endpoint_id: UUID, caller: Caller, *, permission: str) -> Endpoint:
    """The endpoint. Raises Unauthenticated, StepUpRequired; NotFound for another's, and for the
    installation's without the permission."""
    if not caller.principal.is_system:
        caller.require_user()
    endpoint = await unit.webhook_endpoints.find(endpoint_id)
    if endpoint is None:
        raise NotFound
    if endpoint.owner_id == INSTALLATION:
        if permission not in caller.principal.withheld and not caller.principal.may(permission):
            raise NotFound
        caller.require(permission)
    elif endpoint.owner_id != caller.principal.user_id and not caller.principal.is_system:
        raise NotFound
    return endpoint
