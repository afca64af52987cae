"""The endpoints of the audit log."""

from collections.abc import Sequence

from multiproduct.application.audit import AuditPage, ReadAuditLog, ReadOwnEntries
from multiproduct.domain.audit import AUDIT_READ
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/audit"
_AUDIT = "Audit"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/entries",
        name="audit.entries",
        tag=_AUDIT,
        summary="Search the audit log",
        description="Everybody's entries, the newest first. Every search is itself written to the log.",
        handler=lambda container, command, call: container.audit.queries.entries(command, call.caller),
        command=ReadAuditLog,
        result=AuditPage,
        access=Access.SIGNED_IN,
        permission=AUDIT_READ,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/mine",
        name="audit.mine",
        tag=_AUDIT,
        summary="Read what the audit log has about oneself",
        description="The newest first. Where somebody else did it, their address and browser are left out.",
        handler=lambda container, command, call: container.audit.queries.mine(command, call.caller),
        command=ReadOwnEntries,
        result=AuditPage,
        access=Access.SIGNED_IN,
        scope="default",
    ),
)
