"""Putting the ledger together, and the jobs that keep it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Ledger, LedgerParts, wire_ledger
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def ledger_of(assembly: "Assembly", units: Units[Any]) -> Ledger:
    """The ledger's steps and use cases on these units."""
    return wire_ledger(
        LedgerParts(
            units=units,
            clock=assembly.clock,
            ids=assembly.ids,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            keys=assembly.secrets,
        )
    )


def ledger_jobs(ledger: Ledger) -> Sequence[Job]:
    """What is done every few seconds; another process takes over soon where one dies at it."""
    return (
        Job("ledger.seal", timedelta(seconds=5), ledger.sealing.run, lease=timedelta(seconds=60)),
        Job(
            "ledger.time_out_holds",
            timedelta(seconds=30),
            ledger.transacting.time_out,
            lease=timedelta(minutes=2),
        ),
    )
