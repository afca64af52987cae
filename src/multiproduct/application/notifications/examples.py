"""What each type of notification is shown with where nothing has happened: one example for every type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType

from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.domain.shared.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Listed:
    """The lines of a digest, as the types of these keys are worded in their examples."""

    type_keys: tuple[str, ...]


ExampleValue = str | int | date | datetime | Money | Listed | Callable[[Links], str]
"""What is written as the language writes it where it is a day, a moment or money, and where it is a function,
the address that a link of this installation leads to."""

_OPAQUE = "Zk3vQ8sT1r0aXw9uPqLmN2bYcVdEfGhIjKlMnOpQrStU"
_PRODUCT = "Arc Reactor CRM"
_NUMBER = "INV-2026-000017"
_PRICE = Money(1999, Currency("USD"))
_DAY = date(2026, 12, 5)
_NEXT_MONTH = date(2027, 1, 5)


def _signing_in(links: Links) -> str:
    return links.sign_in


def _resetting(links: Links) -> str:
    return links.reset_password


def _verifying(links: Links) -> str:
    return links.verify_email(_OPAQUE)


_DOCUMENT: Mapping[str, ExampleValue] = {"number": _NUMBER, "amount": _PRICE, "link": _signing_in}
_OF_A_PRODUCT: Mapping[str, ExampleValue] = {"product": _PRODUCT, "link": _signing_in}
_PAID: Mapping[str, ExampleValue] = {**_OF_A_PRODUCT, "number": _NUMBER, "amount": _PRICE}

EXAMPLES: Mapping[str, Mapping[str, ExampleValue]] = MappingProxyType(
    {
        "identity.code": {"code": "482913", "minutes": 10, "purpose": "registration", "link": _verifying},
        "identity.link": {"purpose": "registration", "link": _verifying},
        "identity.account_exists": {"login_link": _signing_in, "reset_link": _resetting},
        "identity.welcome": {"name": "Ada", "login_link": _signing_in},
        "identity.security": {
            "event": "new_device",
            "when": datetime(2026, 11, 21, 3, 28, tzinfo=UTC),
            "device": "Firefox, Linux",
            "ip": "2001:db8::7",
            "reset_link": _resetting,
        },
        "identity.invitation": {"link": lambda links: links.accept_invitation(_OPAQUE), "days": 7},
        "identity.document": {"outcome": "approved", "link": _signing_in},
        "webhooks.disabled": {"host": "hooks.example.com", "event": "failing"},
        "billing.invoice_issued": {**_DOCUMENT, "due": _DAY},
        "billing.invoice_reminder": {**_DOCUMENT, "due": _DAY},
        "billing.invoice_overdue": {**_DOCUMENT, "due": _DAY},
        "billing.invoice_voided": _DOCUMENT,
        "billing.payment_received": _DOCUMENT,
        "billing.payment_failed": _DOCUMENT,
        "billing.credit_note": {**_DOCUMENT, "number": "CN-2026-000003"},
        "billing.refunded": {"amount": _PRICE, "link": _signing_in},
        "subscriptions.activated": {**_PAID, "until": _NEXT_MONTH},
        "subscriptions.trial_started": {**_OF_A_PRODUCT, "ends": _DAY},
        "subscriptions.trial_ending": {**_OF_A_PRODUCT, "ends": _DAY},
        "subscriptions.renewal_reminder": {**_OF_A_PRODUCT, "ends": _DAY},
        "subscriptions.renewed": {**_PAID, "until": _NEXT_MONTH},
        "subscriptions.payment_failed": {
            **_OF_A_PRODUCT,
            "next_attempt": date(2026, 12, 6),
            "ends": date(2026, 12, 12),
        },
        "subscriptions.plan_changed": _PAID,
        "subscriptions.change_scheduled": {**_OF_A_PRODUCT, "starts": _NEXT_MONTH},
        "subscriptions.change_dropped": _OF_A_PRODUCT,
        "subscriptions.paused": {**_OF_A_PRODUCT, "resumes": _NEXT_MONTH},
        "subscriptions.resumed": {**_OF_A_PRODUCT, "until": _NEXT_MONTH},
        "subscriptions.cancellation_scheduled": {**_OF_A_PRODUCT, "ends": _DAY},
        "subscriptions.cancellation_undone": _OF_A_PRODUCT,
        "subscriptions.expired": _OF_A_PRODUCT,
        "subscriptions.cancelled": _OF_A_PRODUCT,
        "subscriptions.method_removed": _OF_A_PRODUCT,
        "subscriptions.trial_over": _OF_A_PRODUCT,
        "notifications.digest": {
            "items": Listed(
                ("billing.invoice_reminder", "subscriptions.renewal_reminder", "webhooks.disabled")
            ),
            "count": 3,
            "link": _signing_in,
        },
    }
)
"""The parameters of each type by its key: all that it needs, and the optional ones that it is seen with."""

_STOPPABLE = "email_change_requested"


def variants_of(type_key: str) -> tuple[str, ...]:
    """The wordings that a type has, that of its example first. A type with one wording has none."""
    own = _choosing(type_key)
    if own is None:
        return ()
    shown = str(EXAMPLES[type_key][own])
    return (shown, *sorted(NOTIFICATION_TYPES[type_key].choices[own] - {shown}))


def example_of(type_key: str, *, variant: str | None = None) -> Mapping[str, ExampleValue]:
    """The parameters of a type in one of its wordings. Raises ValueError where there is no such wording, and
    KeyError where there is no such type."""
    example = EXAMPLES[type_key]
    if variant is None:
        return example
    if variant not in variants_of(type_key):
        raise ValueError(f"{type_key} has no wording for {variant!r}")
    worded = {**example, str(_choosing(type_key)): variant}
    if variant == _STOPPABLE:
        worded["stop_link"] = lambda links: links.stop_change(_OPAQUE)
    return worded


def _choosing(type_key: str) -> str | None:
    """The parameter that picks among the wordings."""
    return next(iter(NOTIFICATION_TYPES[type_key].choices), None)
