"""Every event is either told to somebody, or stands here with the reason why not."""

from multiproduct import Multiproduct
from multiproduct.bootstrap.catalogues import EVENTS

BY_THEMSELVES = "whoever it is about did it a moment ago, and sees it"
OF_STAFF = "staff did it, and the audit log has it"
IN_BETWEEN = "a step on the way to something that is told"
OF_THE_SYSTEM = "nobody's business but the installation's"
REFUSED = "nothing changed"

NOT_TOLD = {
    "audit.": OF_STAFF,
    "catalog.": OF_STAFF,
    "ledger.": OF_THE_SYSTEM,
    "translation.": OF_STAFF,
    "billing.customer_changed": BY_THEMSELVES,
    "billing.invoice_written_off": OF_STAFF,
    "billing.late_money_returned": IN_BETWEEN,
    "billing.order_": IN_BETWEEN,
    "billing.tax_rule_changed": OF_STAFF,
    "billing.transaction_": IN_BETWEEN,
    "identity.access_refused": REFUSED,
    "identity.assignments_read": OF_STAFF,
    "identity.consent_": BY_THEMSELVES,
    "identity.contact_change_stopped": BY_THEMSELVES,
    "identity.device_key_refused": REFUSED,
    "identity.device_key_renamed": BY_THEMSELVES,
    "identity.document_read": OF_STAFF,
    "identity.document_removed": BY_THEMSELVES,
    "identity.document_submitted": BY_THEMSELVES,
    "identity.documents_read": OF_STAFF,
    "identity.invitation_accepted": BY_THEMSELVES,
    "identity.invitation_revoked": OF_STAFF,
    "identity.invitations_read": OF_STAFF,
    "identity.passkey_renamed": BY_THEMSELVES,
    "identity.password_dropped": IN_BETWEEN,
    "identity.registration_started": IN_BETWEEN,
    "identity.role_changed": OF_STAFF,
    "identity.role_created": OF_STAFF,
    "identity.role_deleted": OF_STAFF,
    "identity.second_factor_asked": IN_BETWEEN,
    "identity.session_refreshed": OF_THE_SYSTEM,
    "identity.session_renamed": BY_THEMSELVES,
    "identity.signed_in": "a new device is told of, a known one is not",
    "identity.social_mail_changed": OF_THE_SYSTEM,
    "identity.stepped_up": BY_THEMSELVES,
    "identity.text_request_refused": REFUSED,
    "identity.user_imported": OF_STAFF,
    "identity.user_read": OF_STAFF,
    "identity.user_updated": BY_THEMSELVES,
    "identity.users_read": OF_STAFF,
    "notifications.address_suppressed": OF_STAFF,
    "notifications.inbox": BY_THEMSELVES,
    "notifications.preferences_changed": BY_THEMSELVES,
    "notifications.push_device_removed": BY_THEMSELVES,
    "notifications.push_token_replaced": BY_THEMSELVES,
    "notifications.suppression_lifted": OF_STAFF,
    "notifications.unsubscribed": BY_THEMSELVES,
    "otp.": IN_BETWEEN,
    "payments.callback_received": OF_THE_SYSTEM,
    "payments.capture_": IN_BETWEEN,
    "payments.default_method_changed": BY_THEMSELVES,
    "payments.payment_": "what it is for tells of it: the invoice, the subscription",
    "payments.refund_declined": OF_STAFF,
    "payments.refund_needs_review": OF_STAFF,
    "payments.refund_requested": IN_BETWEEN,
    "payments.refund_unknown": IN_BETWEEN,
    "payments.release_requested": IN_BETWEEN,
    "subscriptions.ordered": "its invoice or its payment is told",
    "subscriptions.updated": BY_THEMSELVES,
    "webhooks.endpoint_changed": BY_THEMSELVES,
    "webhooks.endpoint_enabled": BY_THEMSELVES,
    "webhooks.endpoint_removed": BY_THEMSELVES,
    "webhooks.endpoint_secret_rotated": BY_THEMSELVES,
    "webhooks.messages_replayed": BY_THEMSELVES,
}
"""Names of events, or how those of many begin."""
TOLD_BY_WEBHOOKS = frozenset({"webhooks.endpoint_disabled"})


async def test_every_event_is_told_or_has_a_reason_not_to_be() -> None:
    async with Multiproduct.in_memory() as house:
        table = house.container.dispatching._reactions
        told = {
            event.NAME
            for event in EVENTS
            if any(name.startswith("notifications.") for name in table._deferred.get(event, ()))
        } | TOLD_BY_WEBHOOKS
    names = {event.NAME for event in EVENTS}
    unexplained = {name for name in names - told if not name.startswith(tuple(NOT_TOLD))}
    assert unexplained == set()
    exact = {name for name in NOT_TOLD if name in names}
    assert exact & told == set(), "these are told after all"
    stale = {begin for begin in NOT_TOLD if not any(name.startswith(begin) for name in names)}
    assert stale <= {"notifications.inbox"}
