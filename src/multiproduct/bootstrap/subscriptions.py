"""Putting subscriptions together, and the job that looks after them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.application.billing import Billing
from multiproduct.application.catalog import Catalog
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments import Payments
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.application.subscriptions.wiring import (
    SubscriptionParts,
    SubscriptionUseCases,
    wire_subscriptions,
)
from multiproduct.domain.subscriptions import Rules
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly

_AT_ONCE = 4


def subscriptions_of(
    assembly: "Assembly", units: Units[Any], *, catalog: Catalog, billing: Billing, payments: Payments
) -> SubscriptionUseCases:
    """The use cases of subscriptions on these units."""
    return wire_subscriptions(
        SubscriptionParts(
            units=units,
            clock=assembly.clock,
            real_time=assembly.real_time,
            ids=assembly.ids,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            catalog=catalog,
            ordering=billing.ordering,
            invoicing=billing.invoicing,
            settling=billing.settling,
            crediting=billing.crediting,
            driving=payments.driving,
            default_currency=assembly.settings.default_currency,
            rules=renewal_rules(assembly.settings),
            looked_after_at_once=looked_after_at_once(assembly.settings),
        )
    )


def looked_after_at_once(settings: Settings) -> int:
    """Several where the database serves several, and never all that the process keeps connections for. On
    SQLite and in memory units take turns anyway, and a simulation goes the same way each time."""
    if not settings.database_url.startswith("postgres"):
        return 1
    return max(1, min(_AT_ONCE, settings.database_pool_size // 2))


def renewal_rules(settings: Settings) -> Rules:
    """When renewals are tried again, and when people are reminded. Raises ValueError for days that are
    none."""
    return Rules(
        retry_days=_days(settings.renewal_retry_days), reminder_days=_days(settings.renewal_reminder_days)
    )


def _days(text: str) -> tuple[int, ...]:
    return tuple(int(day) for day in text.split(",") if day.strip())


def subscriptions_jobs(subscriptions: SubscriptionUseCases) -> Sequence[Job]:
    """The watchdog: renewals, retries, reminders, ends."""
    return (
        Job(
            "subscriptions.look_after",
            timedelta(minutes=1),
            subscriptions.looking_after.run,
            lease=timedelta(minutes=30),
        ),
    )
