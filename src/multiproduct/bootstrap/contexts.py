"""The use cases of every context, made together on the units of one store."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from multiproduct.application.audit import Audit
from multiproduct.application.billing import Billing
from multiproduct.application.catalog import Catalog
from multiproduct.application.identity import Identity
from multiproduct.application.ledger import Ledger
from multiproduct.application.notifications.inbox_wiring import InboxUseCases
from multiproduct.application.notifications.preference_wiring import NotificationUseCases
from multiproduct.application.notifications.push_facade import Push
from multiproduct.application.payments import Payments
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.wiring import SubscriptionUseCases
from multiproduct.application.translation import Translation
from multiproduct.application.webhooks import Webhooks
from multiproduct.bootstrap.billing import billing_of
from multiproduct.bootstrap.catalog import catalog_of
from multiproduct.bootstrap.identity import audit_of, identity_of
from multiproduct.bootstrap.inbox import inbox_of
from multiproduct.bootstrap.ledger import ledger_of
from multiproduct.bootstrap.notifying import notifications_of, notifying_of
from multiproduct.bootstrap.payments import payments_of
from multiproduct.bootstrap.pushing import push_of
from multiproduct.bootstrap.subscriptions import subscriptions_of
from multiproduct.bootstrap.translation import translation_of
from multiproduct.bootstrap.webhooks import webhooks_of

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """Each context by its name."""

    identity: Identity
    audit: Audit
    catalog: Catalog
    ledger: Ledger
    payments: Payments
    billing: Billing
    subscriptions: SubscriptionUseCases
    notifications: NotificationUseCases
    inbox: InboxUseCases
    push: Push
    webhooks: Webhooks
    translation: Translation


def contexts_of(assembly: "Assembly", units: Units[Any]) -> Contexts:
    """All of them, those that stand on others after these."""
    catalog, ledger = catalog_of(assembly, units), ledger_of(assembly, units)
    payments = payments_of(assembly, units, ledger)
    billing = billing_of(assembly, units, catalog=catalog, ledger=ledger, payments=payments)
    return Contexts(
        identity=identity_of(assembly, units),
        audit=audit_of(assembly, units),
        catalog=catalog,
        ledger=ledger,
        payments=payments,
        billing=billing,
        subscriptions=subscriptions_of(assembly, units, catalog=catalog, billing=billing, payments=payments),
        notifications=notifications_of(assembly, units),
        inbox=inbox_of(assembly, units),
        push=push_of(assembly, units),
        webhooks=webhooks_of(assembly, units, notifying_of(assembly, units)),
        translation=translation_of(assembly, units),
    )


def by_name(contexts: Contexts) -> dict[str, Any]:
    """The same, as arguments for what has them all."""
    return {each.name: getattr(contexts, each.name) for each in fields(Contexts)}
