"""A process in which several sealers race for the audit log of one database until nothing is left; prints how
many entries each sealed."""

import asyncio
import json
import sys

from tests.integration.adapters.patient_postgres import PATIENT

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqliteSettings, SqlStore
from multiproduct.adapters.stdlib import DerivedSecrets, SystemClock, SystemRandomness
from multiproduct.application.audit import AuditSealing, AuditVerifying, HeadSigning
from multiproduct.application.caller import ANYBODY

_SIGNING = HeadSigning(keys=DerivedSecrets(masters=["a secret of at least thirty-two characters"]))


def sealing_on(store: SqlStore, *, batch: int = 500) -> AuditSealing:
    """The use case over a store."""
    return AuditSealing(
        units=store.units(contract_surroundings()),
        clock=SystemClock(),
        randomness=SystemRandomness(),
        signing=_SIGNING,
        batch=batch,
    )


def verifying_on(store: SqlStore) -> AuditVerifying:
    """The use case over a store."""
    units = store.units(contract_surroundings())
    return AuditVerifying(units=units, clock=SystemClock(), signing=_SIGNING)


async def _seal_all(store: SqlStore, batch: int) -> int:
    sealing, units, sealed = sealing_on(store, batch=batch), store.units(contract_surroundings()), 0
    while True:
        sealed += await sealing.run()
        async with units.view(ANYBODY) as view:
            if (await view.audit_chain.tail()).count == 0:
                return sealed


async def _main(url: str, sealers: int, batch: int) -> None:
    store = SqlStore(url, sqlite=SqliteSettings(synchronous="NORMAL"), postgres=PATIENT)
    await store.ping()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    sealed = await asyncio.gather(*(_seal_all(store, batch) for _ in range(sealers)))
    sys.stdout.write(json.dumps(sealed) + "\n")
    await store.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
