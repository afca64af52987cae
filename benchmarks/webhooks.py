"""Webhook deliveries a second, from rows that are due to rows that are settled, against bare httpx2 posts."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import UUID

import httpx2

from benchmarks.bench import Bench
from benchmarks.figures import Report, rate
from multiproduct import Multiproduct
from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM
from multiproduct.application.webhooks.pacing import AT_ONCE
from multiproduct.application.webhooks.sealed_purposes import of_secret
from multiproduct.domain.webhooks import Endpoint, Message, Options, Ordering, Secret
from multiproduct.settings import Settings

ENDPOINTS = 16
ROUNDS = 5
# A receiver in a process of its own, so that what it costs counts in neither.
RECEIVER = """
import asyncio
ANSWER = b"HTTP/1.1 204 No Content\\r\\n\\r\\n"
class Receiver(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.seen = transport, b""
    def data_received(self, data):
        self.seen += data
        while True:
            head, mark, rest = self.seen.partition(b"\\r\\n\\r\\n")
            if not mark: return
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\\r\\n")[0])
            if len(rest) < length: return
            self.seen = rest[length:]
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def run(bench: Bench) -> Report:
    report = Report(
        name="webhooks",
        title=f"median of {ROUNDS} rounds in turns, {AT_ONCE} at once, {ENDPOINTS} endpoints, one process",
    )
    count = bench.number(2_000, 400)
    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}/"
        with tempfile.TemporaryDirectory() as folder:
            places = {
                "PostgreSQL": bench.backing.new_database("bench_webhooks"),
                "SQLite": f"sqlite:///{folder}/webhooks.db",
            }
            for name, place in places.items():
                bench.say(name)
                asyncio.run(measure(report, name, settings_for(place, folder), url, count))
    finally:
        receiver.kill()
        receiver.wait()
    return report


def settings_for(place: str, folder: str) -> Settings:
    return Settings(
        _env_file=None,
        database_url=place,
        redis_url=None,
        broker_url=None,
        mailbox_dir=str(Path(folder) / "mailbox"),
        inline_worker=False,
    )


async def measure(report: Report, name: str, settings: Settings, url: str, count: int) -> None:
    house = Multiproduct.from_settings(settings)
    await house.migrate()
    ours, bare = [], []
    async with house:
        endpoints = [await an_endpoint(house, url, slot) for slot in range(ENDPOINTS)]
        for turn in range(ROUNDS + 1):
            await some_messages(house, endpoints, count, turn)
            began = time.perf_counter()
            made = await house.webhooks.sending.drain()
            between = time.perf_counter()
            assert made == count
            await posts(url, count)
            if turn:
                ours.append(count / (between - began))
                bare.append(count / (time.perf_counter() - between))
    ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
    report.row(
        f"deliveries, {name}",
        f"{rate(median(ours))}, bare httpx2 {rate(median(bare))}",
        ratio=median(ratios),
    )


async def posts(url: str, count: int) -> None:
    """The same number of posts by the bare client, with as many at once."""
    places = asyncio.Semaphore(AT_ONCE)
    body = b'{"type":"identity.user_updated.v1","timestamp":"2026-11-21T06:31:00Z","data":{"user_id":"x"}}'
    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=AT_ONCE)) as client:

        async def one() -> None:
            async with places:
                await client.post(url, content=body, headers={"content-type": "application/json"})

        await asyncio.gather(*(one() for _ in range(count)))


async def an_endpoint(house: Multiproduct, url: str, slot: int) -> UUID:
    container = house.container
    now, id_, owner = container.clock.now(), container.ids.next(), container.ids.for_user()
    sealing = AesGcmSealing(peppers=DerivedSecrets(masters=container.settings.secrets))
    secret_id = container.ids.next()
    sealed = sealing.seal(b"k" * 32, purpose=of_secret(owner, secret_id))
    endpoint = Endpoint.add(
        id=id_,
        owner_id=owner,
        slot=slot,
        options=Options(
            url=url, events=("*",), description="", ordering=Ordering.NONE, permissions=frozenset()
        ),
        secret=Secret(id=secret_id, sealed=sealed, created_at=now),
        made_by=None,
        now=now,
    )
    async with container.units.open(SYSTEM) as unit:
        await unit.webhook_endpoints.add(endpoint)
        await unit.commit()
    return id_


async def some_messages(house: Multiproduct, endpoints: list[UUID], count: int, turn: int) -> None:
    container = house.container
    now = container.real_time.now()
    messages = [
        Message(
            id=container.ids.next(),
            endpoint_id=endpoints[each % len(endpoints)],
            event_key=f"bench:{turn}:{each}",
            event_type="identity.user_updated.v1",
            order_key=None,
            sequence=each,
            body='{"type":"identity.user_updated.v1","timestamp":"2026-11-21T06:31:00Z","data":{}}',
            created_at=now,
            next_attempt_at=now,
        )
        for each in range(count)
    ]
    async with container.units.open(SYSTEM) as unit:
        assert await unit.webhook_messages.add(messages) == count
        await unit.commit()
