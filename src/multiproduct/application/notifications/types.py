"""The types of notification there are, and what each needs to be worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Category(StrEnum):
    """What a notification is about, as people choose what they want to hear of."""

    ACCOUNT = "account"
    SECURITY = "security"
    BILLING = "billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationType:
    """One type, by a key that never changes.

    `params` are needed, `optional` ones may be left out, `links` are those that must be http(s) addresses,
    `choices` name the only values of a parameter that there is wording for.
    """

    key: str
    category: Category
    params: frozenset[str]
    optional: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    def check(self, params: Mapping[str, str | int]) -> None:
        """Raises ValueError, naming parameters but never values, where these do not fit the type."""
        missing = self.params - params.keys()
        unknown = params.keys() - self.params - self.optional
        unworded = {name for name, values in self.choices.items() if params.get(name) not in values}
        unsafe = {name for name in self.links & params.keys() if not _is_web_address(params[name])}
        if missing or unknown or unworded or unsafe:
            raise ValueError(
                f"parameters of {self.key}: missing {sorted(missing)}, unknown {sorted(unknown)}, "
                f"without wording {sorted(unworded)}, not a web address {sorted(unsafe)}"
            )


def _is_web_address(value: str | int) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and value.isprintable()


IDENTITY_CODE = NotificationType(
    key="identity.code",
    category=Category.SECURITY,
    params=frozenset({"code", "minutes", "purpose"}),
    optional=frozenset({"link"}),
    links=frozenset({"link"}),
    choices=MappingProxyType(
        {
            "purpose": frozenset(
                {"registration", "login", "password_reset", "email_change", "phone_change", "step_up"}
            )
        }
    ),
)
"""A one-time code, with a link that does the same where there is one. Both are good for `minutes`."""

IDENTITY_LINK = NotificationType(
    key="identity.link",
    category=Category.SECURITY,
    params=frozenset({"link", "purpose"}),
    links=frozenset({"link"}),
    choices=MappingProxyType({"purpose": frozenset({"registration", "password_reset", "email_change"})}),
)
"""The link alone, where somebody spoilt the code with wrong answers before the mail went out."""

IDENTITY_ACCOUNT_EXISTS = NotificationType(
    key="identity.account_exists",
    category=Category.SECURITY,
    params=frozenset({"login_link", "reset_link"}),
    links=frozenset({"login_link", "reset_link"}),
)
"""Somebody tried to sign up with the address of an account."""

IDENTITY_WELCOME = NotificationType(
    key="identity.welcome",
    category=Category.ACCOUNT,
    params=frozenset({"name", "login_link"}),
    links=frozenset({"login_link"}),
)
"""The account is made. `name` is what the person is called, or empty."""

SECURITY_KINDS = frozenset(
    {
        "totp_added",
        "totp_removed",
        "totp_locked",
        "sms_factor_added",
        "sms_factor_removed",
        "recovery_codes_made",
        "recovery_code_used",
        "recovery_codes_low",
        "passkey_added",
        "passkey_removed",
        "passkey_cloned",
        "device_key_added",
        "device_key_revoked",
        "device_key_locked",
        "social_linked",
        "social_unlinked",
        "role_granted",
        "role_revoked",
        "failed_logins",
        "token_reuse",
        "password_changed",
        "password_set",
        "password_reset",
        "new_device",
        "email_change_requested",
        "email_changed",
        "phone_change_requested",
        "phone_changed",
        "address_claimed",
        "address_lost",
        "possession_taken",
        "account_suspended",
        "account_reinstated",
        "account_erased",
        "data_exported",
        "bank_details_changed",
    }
)
"""What happened to an account, as there is wording for it."""

IDENTITY_SECURITY = NotificationType(
    key="identity.security",
    category=Category.SECURITY,
    params=frozenset({"event", "when"}),
    optional=frozenset({"device", "ip", "reset_link", "stop_link"}),
    links=frozenset({"reset_link", "stop_link"}),
    choices=MappingProxyType({"event": SECURITY_KINDS}),
)
"""Something happened that the account's owner should know of. `when` is a text in the person's language;
`reset_link` is where to ask for a new password, `stop_link` where to stop what was begun."""

IDENTITY_INVITATION = NotificationType(
    key="identity.invitation",
    category=Category.ACCOUNT,
    params=frozenset({"link", "days"}),
    links=frozenset({"link"}),
)
"""Somebody is asked to set a password and so to become a user. The link is good for `days`."""


def _about_a_document(key: str) -> NotificationType:
    return NotificationType(
        key=key,
        category=Category.BILLING,
        params=frozenset({"number", "amount", "link"}),
        optional=frozenset({"due"}),
        links=frozenset({"link"}),
    )


BILLING_INVOICE_ISSUED = _about_a_document("billing.invoice_issued")
BILLING_INVOICE_REMINDER = _about_a_document("billing.invoice_reminder")
BILLING_INVOICE_OVERDUE = _about_a_document("billing.invoice_overdue")
BILLING_PAYMENT_RECEIVED = _about_a_document("billing.payment_received")
BILLING_PAYMENT_FAILED = _about_a_document("billing.payment_failed")
BILLING_CREDIT_NOTE = _about_a_document("billing.credit_note")
"""Invoices and credit notes. `amount` and `due` are texts in the person's language, `link` is where they see
the document."""


def _about_a_subscription(key: str, *optional: str) -> NotificationType:
    return NotificationType(
        key=key,
        category=Category.BILLING,
        params=frozenset({"product", "link"}),
        optional=frozenset(optional),
        links=frozenset({"link"}),
    )


SUBSCRIPTIONS_TRIAL_ENDING = _about_a_subscription("subscriptions.trial_ending", "ends")
SUBSCRIPTIONS_RENEWAL_REMINDER = _about_a_subscription("subscriptions.renewal_reminder", "ends")
SUBSCRIPTIONS_RENEWED = _about_a_subscription("subscriptions.renewed", "until")
SUBSCRIPTIONS_PAYMENT_FAILED = _about_a_subscription("subscriptions.payment_failed", "ends", "next_attempt")
SUBSCRIPTIONS_EXPIRED = _about_a_subscription("subscriptions.expired")
SUBSCRIPTIONS_CANCELLED = _about_a_subscription("subscriptions.cancelled")
SUBSCRIPTIONS_METHOD_REMOVED = _about_a_subscription("subscriptions.method_removed")
"""Subscriptions. `product` is what it is called, `ends`, `until` and `next_attempt` are days in the person's
language, `link` is where they see to it."""

WEBHOOKS_DISABLED = NotificationType(
    key="webhooks.disabled",
    category=Category.ACCOUNT,
    params=frozenset({"host", "event"}),
    choices=MappingProxyType({"event": frozenset({"gone", "failing"})}),
)
"""Nothing is sent to a webhook endpoint any more, for a reason that is not its owner's."""

NOTIFICATION_TYPES: Mapping[str, NotificationType] = MappingProxyType(
    {
        each.key: each
        for each in (
            IDENTITY_CODE,
            IDENTITY_LINK,
            IDENTITY_ACCOUNT_EXISTS,
            IDENTITY_WELCOME,
            IDENTITY_SECURITY,
            IDENTITY_INVITATION,
            WEBHOOKS_DISABLED,
            BILLING_INVOICE_ISSUED,
            BILLING_INVOICE_REMINDER,
            BILLING_INVOICE_OVERDUE,
            BILLING_PAYMENT_RECEIVED,
            BILLING_PAYMENT_FAILED,
            BILLING_CREDIT_NOTE,
            SUBSCRIPTIONS_TRIAL_ENDING,
            SUBSCRIPTIONS_RENEWAL_REMINDER,
            SUBSCRIPTIONS_RENEWED,
            SUBSCRIPTIONS_PAYMENT_FAILED,
            SUBSCRIPTIONS_EXPIRED,
            SUBSCRIPTIONS_CANCELLED,
            SUBSCRIPTIONS_METHOD_REMOVED,
        )
    }
)
"""Every type by its key."""
