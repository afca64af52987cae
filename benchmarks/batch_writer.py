"""Writers of ledger batches in a process of their own, as pgbench has threads of its own.

`python -m benchmarks.batch_writer WRITERS SIZE`, with the product's settings in the environment. It says
`ready`, and then answers each line of JSON about one round with a line of JSON about what was written in it.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

from multiproduct import Multiproduct
from multiproduct.domain.ledger import AccountKind, AccountSpec, NewEntry, NewTransaction, Side
from multiproduct.entrypoints.http.serving import settle_memory
from multiproduct.settings import Settings

ACCOUNTS = 10_000
FREE, LIMITED = "a", "limited"
WARMING_SECONDS = 1.0


def specs(kind: str) -> list[AccountSpec]:
    """The accounts of a kind: those of `LIMITED` never go below zero."""
    if kind == FREE:
        return [AccountSpec(code=f"a:{each}", kind=AccountKind.ASSET, currency="USD") for each in _numbers()]
    return [AccountSpec.never_negative(f"{kind}:{each}", AccountKind.ASSET, "USD") for each in _numbers()]


def _numbers() -> range:
    return range(ACCOUNTS)


def transfer(chance: random.Random, *, is_hot: bool, kind: str = FREE) -> NewTransaction:
    """A cent from any account, or always the same one, to any other."""
    source = 0 if is_hot else chance.randrange(ACCOUNTS)
    to = (source + chance.randrange(1, ACCOUNTS)) % ACCOUNTS
    return NewTransaction(
        entries=(
            NewEntry(f"{kind}:{to}", Side.DEBIT, 1, "USD"),
            NewEntry(f"{kind}:{source}", Side.CREDIT, 1, "USD"),
        )
    )


async def written_in(mp: Multiproduct, seconds: float, writers: int, size: int, **of: Any) -> dict[str, Any]:
    """What so many writers write until the time is over, and the CPU that this process took for it."""
    chance = random.Random(of.pop("seed"))
    written, began, busy = 0, time.perf_counter(), time.process_time()

    async def writer() -> None:
        nonlocal written
        while time.perf_counter() - began < seconds:
            outcomes = await mp.ledger.transacting.write([transfer(chance, **of) for _ in range(size)])
            written += sum(outcome.code == "posted" for outcome in outcomes)

    await asyncio.gather(*(writer() for _ in range(writers)))
    return {
        "written": written,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - busy,
    }


async def serve(writers: int, size: int) -> None:
    """Answers until standard input ends."""
    async with Multiproduct.from_settings(Settings()) as mp:
        settle_memory()  # as `serve` does
        for kind in (FREE, LIMITED):
            await written_in(mp, WARMING_SECONDS, writers, size, seed=0, is_hot=False, kind=kind)
        _say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(json.dumps(await written_in(mp, writers=writers, size=size, **json.loads(line))))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
