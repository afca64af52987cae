"""The installation that a simulation runs on: everything real but time, chance and the post."""

from dataclasses import replace

from pydantic import SecretStr

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.bootstrap import Container, Overrides, Role, Store, build
from multiproduct.entrypoints.simulation.passing_time import PassingTime
from multiproduct.entrypoints.simulation.seeded_sources import SeededIds, SeededRandomness
from multiproduct.entrypoints.simulation.silence import SilentMailer, SilentRenderer, SilentTexter
from multiproduct.settings import Environment, Settings

MEMORY = "memory://"
LISTENERS = ("notifications.", "webhooks.")
"""Those who only listen: nobody waits for what they send, and they would take half of the time."""
AUDIT_KEPT = 10_000
"""Entries in memory: a simulation writes millions, and reads none."""
_SECRET = "the same for every simulation, as the chain has to come out the same"  # noqa: S105 - not a secret


def simulated(
    *,
    seed: int,
    time: PassingTime,
    database_url: str = MEMORY,
    overrides: Overrides | None = None,
) -> Container:
    """An installation of its own, on memory or a database that has the tables. Nothing of the environment's
    settings is used, and nothing leaves the process. `overrides` are kept where the simulation needs no part
    of its own."""
    given = overrides or Overrides()
    return build(
        simulation_settings(database_url),
        overrides=replace(
            given,
            store=given.store or _store(database_url, time),
            clock=time,
            real_time=time,
            ids=SeededIds(seed=f"ids {seed}", clock=time),
            randomness=SeededRandomness(f"randomness {seed}"),
            mailer=SilentMailer(),
            texter=SilentTexter(),
            renderer=SilentRenderer(),
            unheard=LISTENERS,
        ),
        role=Role.TOOL,
    )


def _store(database_url: str, time: PassingTime) -> Store | None:
    return MemoryDatabase(real_time=time, audit_kept=AUDIT_KEPT) if database_url == MEMORY else None


def simulation_settings(database_url: str) -> Settings:
    """Every part that could reach out of this process is set here, whatever the environment says."""
    return Settings(
        environment=Environment.DEVELOPMENT,
        secret_key=SecretStr(_SECRET),
        next_secret_keys=SecretStr(""),
        retired_secret_keys=SecretStr(""),
        database_url=database_url,
        redis_url=None,
        broker_url=None,
        smtp_url=None,
        inline_worker=None,
        sandbox_gateway="always",
        seller_country="",
        invoice_number_format="{series}-{year}-{number:06}",
        tax_rounding="line",
        attach_invoices=False,
        payment_term_days=14,
        reminder_days="-3,3,7,14,30",
        default_currency="USD",
        default_gateway="STARK_PAY",
        payment_checks="300,3600,86400,86400,86400,86400,86400",
        password_cost="test",  # noqa: S106 - a cost, not a password
    )
