"""Putting payments together: the gateways that the settings name, and the jobs that follow them up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.manual import BankTransferGateway
from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Ledger
from multiproduct.application.payments import Gateway, Gateways, Payments
from multiproduct.application.payments.wiring import PaymentsParts, wire_payments
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.domain.payments import CheckSchedule
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def payments_of(assembly: "Assembly", units: Units[Any], ledger: Ledger) -> Payments:
    """The steps and use cases of payments on these units."""
    return wire_payments(
        PaymentsParts(
            units=units,
            gateways=gateways_of(assembly),
            accounts=ledger.accounts,
            posting=ledger.posting,
            holding=ledger.holding,
            sealing=assembly.sealing,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            clock=assembly.clock,
            real_time=assembly.real_time,
            ids=assembly.ids,
            schedule=CheckSchedule(tuple(timedelta(seconds=each) for each in assembly.settings.check_pauses)),
        )
    )


def gateways_of(assembly: "Assembly") -> Gateways:
    """Those that the settings name, unless the program that this is a part of brings its own."""
    if assembly.overrides.gateways is not None:
        return assembly.overrides.gateways
    gateways: list[Gateway] = []
    if _has_sandbox(assembly.settings):
        gateways.append(
            SandboxGateway(
                books=assembly.store.sandbox_books,
                clock=assembly.clock,
                secret=assembly.secrets.current("sandbox-callbacks"),
            )
        )
    account = assembly.settings.bank_transfer_account
    if account is not None:
        gateways.append(BankTransferGateway(account=account, clock=assembly.clock))
    return Gateways(gateways)


def payments_jobs(payments: Payments) -> Sequence[Job]:
    """The janitor, and clearing up after callbacks."""
    return (
        Job("payments.ask_gateways", timedelta(minutes=1), payments.janitor.run, lease=timedelta(minutes=30)),
        Job("payments.purge_notices", timedelta(hours=1), payments.janitor.purge),
    )


def _has_sandbox(settings: Settings) -> bool:
    if settings.sandbox_gateway == "development":
        return settings.is_development
    return settings.sandbox_gateway == "always"
