"""What the scheduler runs, and how often: every context's jobs in one list."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.application.event_purging import EventPurging
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.bootstrap.billing import billing_jobs
from multiproduct.bootstrap.contexts import Contexts
from multiproduct.bootstrap.identity import audit_jobs, identity_jobs
from multiproduct.bootstrap.inbox import inbox_jobs
from multiproduct.bootstrap.ledger import ledger_jobs
from multiproduct.bootstrap.notifying import notifying_jobs
from multiproduct.bootstrap.payments import payments_jobs
from multiproduct.bootstrap.pushing import push_jobs
from multiproduct.bootstrap.subscriptions import subscriptions_jobs
from multiproduct.bootstrap.webhooks import webhooks_jobs

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def jobs_of(assembly: "Assembly", units: Units[Any], contexts: Contexts) -> Sequence[Job]:
    """All of them."""
    event_purging = EventPurging(todos=assembly.store.todo_queue, clock=assembly.clock)
    return [
        *identity_jobs(contexts.identity),
        Job("events.purge", timedelta(hours=1), event_purging.run),
        *notifying_jobs(assembly, units),
        *audit_jobs(contexts.audit),
        *ledger_jobs(contexts.ledger),
        *payments_jobs(contexts.payments),
        *webhooks_jobs(contexts.webhooks),
        *push_jobs(contexts.push),
        *inbox_jobs(contexts.inbox),
        *billing_jobs(contexts.billing),
        *subscriptions_jobs(contexts.subscriptions),
    ]
