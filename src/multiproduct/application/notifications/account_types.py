"""The types of notification about accounts."""

from types import MappingProxyType

from multiproduct.application.notifications.notification_type import ADDRESSED, KNOWN, NotificationType
from multiproduct.domain.notifications.preference import Category

IDENTITY_CODE = NotificationType(
    key="identity.code",
    channels=ADDRESSED,
    asked_for=frozenset(),
    is_mandatory=True,
    secrets=frozenset({"code", "link"}),
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
    channels=ADDRESSED,
    asked_for=frozenset(),
    is_mandatory=True,
    secrets=frozenset({"link"}),
    category=Category.SECURITY,
    params=frozenset({"link", "purpose"}),
    links=frozenset({"link"}),
    choices=MappingProxyType({"purpose": frozenset({"registration", "password_reset", "email_change"})}),
)
"""The link alone, where somebody spoilt the code with wrong answers before the mail went out."""

IDENTITY_ACCOUNT_EXISTS = NotificationType(
    key="identity.account_exists",
    channels=ADDRESSED,
    asked_for=frozenset(),
    is_mandatory=True,
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
        "payment_method_added",
        "webhook_added",
        "push_device_added",
    }
)
"""What happened to an account, as there is wording for it."""

IDENTITY_SECURITY = NotificationType(
    key="identity.security",
    channels=KNOWN,
    is_mandatory=True,
    secrets=frozenset({"stop_link"}),
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
    channels=ADDRESSED,
    asked_for=frozenset(),
    is_mandatory=True,
    secrets=frozenset({"link"}),
    category=Category.ACCOUNT,
    params=frozenset({"link", "days"}),
    links=frozenset({"link"}),
)
"""Somebody is asked to set a password and so to become a user. The link is good for `days`."""

IDENTITY_DOCUMENT = NotificationType(
    key="identity.document",
    category=Category.ACCOUNT,
    params=frozenset({"outcome", "link"}),
    links=frozenset({"link"}),
    choices=MappingProxyType({"outcome": frozenset({"approved", "rejected"})}),
)
"""The staff has looked at a document that the person handed in."""

WEBHOOKS_DISABLED = NotificationType(
    key="webhooks.disabled",
    category=Category.ACCOUNT,
    params=frozenset({"host", "event"}),
    choices=MappingProxyType({"event": frozenset({"gone", "failing"})}),
)
"""Nothing is sent to a webhook endpoint any more, for a reason that is not its owner's."""

ACCOUNT_TYPES = (
    IDENTITY_CODE,
    IDENTITY_LINK,
    IDENTITY_ACCOUNT_EXISTS,
    IDENTITY_WELCOME,
    IDENTITY_SECURITY,
    IDENTITY_INVITATION,
    IDENTITY_DOCUMENT,
    WEBHOOKS_DISABLED,
)
"""Those about accounts and what belongs to them."""
