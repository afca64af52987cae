"""What of the audit log goes to the logger `multiproduct.security` too, for those who watch the service."""

import logging
from collections.abc import Sequence

from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import EVENTS as AUDIT_EVENTS
from multiproduct.domain.identity import EVENTS as IDENTITY_EVENTS
from multiproduct.domain.ledger import EVENTS as LEDGER_EVENTS
from multiproduct.domain.otp import EVENTS as OTP_EVENTS
from multiproduct.domain.payments import EVENTS as PAYMENT_EVENTS

_log = logging.getLogger("multiproduct.security")
_TOLD = frozenset(
    event.NAME
    for event in (*OTP_EVENTS, *AUDIT_EVENTS, *IDENTITY_EVENTS, *LEDGER_EVENTS, *PAYMENT_EVENTS)
    if event.CONCERNS_SECURITY
)


def tell_security(entries: Sequence[AuditEntry]) -> None:
    """Logs those of the entries, just committed, that concern security: a line for each, without addresses of
    people and without secrets."""
    for entry in entries:
        if entry.event in _TOLD:
            _log.info(
                entry.event,
                extra={
                    "action": entry.action,
                    "resource_type": entry.resource_type,
                    "resource_id": entry.resource_id,
                    "user_id": entry.user_id,
                    "actor_id": entry.actor_id,
                    "actor_type": entry.actor_type,
                    "ip": entry.ip,
                    "user_agent": entry.user_agent,
                    "request_id": entry.request_id,
                },
            )
