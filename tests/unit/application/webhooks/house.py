"""An installation in memory, whose webhooks are taken and whose time is moved by tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.reactions import Heard
from multiproduct.application.webhooks import (
    AddEndpoint,
    Answer,
    Delivery,
    EndpointWithSecret,
    ListMessages,
    MessageDetails,
    MessageView,
    PublicEvents,
    Webhooks,
    WebhooksParts,
    wire_webhooks,
)
from multiproduct.application.webhooks.public_events import ALL
from multiproduct.bootstrap import Container, Role, build
from multiproduct.domain.identity import UserUpdated
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.settings import Settings

URL = "https://hooks.example.com/x"


class MovableTime:
    """Real time that tests move; it stands still between moves, well ahead of the clock
    that messages are made by, however slow the machine is."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC) + timedelta(minutes=2)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def pass_by(self, time: timedelta) -> None:
        """Moves it."""
        self.moment += time


@dataclass
class Receiver:
    """Takes what is sent, at any address, and answers by a rule."""

    rule: Callable[[Delivery], Answer] = lambda _: Answer(status=204, retry_after=None, body=b"")
    taken: list[Delivery] = field(default_factory=list)

    async def post(self, delivery: Delivery) -> Answer:
        self.taken.append(delivery)
        await asyncio.sleep(0)
        return self.rule(delivery)

    @property
    def ids(self) -> list[str]:
        """The message of every call, in order."""
        return [each.headers["webhook-id"] for each in self.taken]


def says(status: int, *, retry_after: str | None = None, body: bytes = b"") -> Callable[[Delivery], Answer]:
    """A rule that answers alike to everything."""
    return lambda _: Answer(status=status, retry_after=retry_after, body=body)


@dataclass
class House:
    """The installation, the receiver of all its webhooks, and its time."""

    container: Container
    webhooks: Webhooks
    receiver: Receiver
    time: MovableTime

    async def somebody(self, *roles: str) -> tuple[Holder, Caller]:
        holder = await a_holder(self.container, *(roles or ("standard_user",)))
        return holder, await holder.caller()

    async def endpoint(self, caller: Caller, **given: object) -> EndpointWithSecret:
        command = AddEndpoint.model_validate({"url": URL, "events": ["*"], **given})
        return await self.webhooks.endpoints.add(command, caller)

    async def happens(self, *user_ids: UUID) -> None:
        """Something public happens to each of these people, and messages of it are made."""
        async with self.container.units.open(SYSTEM) as unit:
            for user_id in user_ids:
                unit.record(UserUpdated(occurred_at=self.container.clock.now(), user_id=user_id))
            await unit.commit()
        await self.container.relay.drain()

    async def send(self, after: timedelta = timedelta()) -> int:
        """Sends what is due that much later."""
        self.time.pass_by(after)
        return await self.webhooks.sending.drain()

    async def messages(self, endpoint_id: UUID, caller: Caller) -> Sequence[MessageView]:
        """The newest first."""
        found = await self.webhooks.reading.messages(ListMessages(endpoint_id=endpoint_id), caller)
        return found.items

    async def message(self, endpoint_id: UUID, caller: Caller) -> MessageDetails:
        """The newest, with its attempts."""
        newest = (await self.messages(endpoint_id, caller))[0]
        return await self.webhooks.reading.message(newest.id, caller)

    async def is_enabled(self, endpoint_id: UUID) -> bool:
        return (await self.webhooks.reading.endpoint(endpoint_id, SYSTEM)).enabled


@asynccontextmanager
async def a_house() -> AsyncIterator[House]:
    """Nothing runs in it by itself. What sends and keeps endpoints goes by the time of the test; reactions
    are those of the installation, and make messages that are due at once."""
    settings = Settings(
        _env_file=None,
        database_url="memory://",
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    container = build(settings, role=Role.TOOL)
    receiver, time = Receiver(), MovableTime()
    webhooks = wire_webhooks(
        WebhooksParts(
            units=container.units,
            events=PublicEvents(ALL),
            policy=DestinationPolicy(),
            receivers=receiver,
            notices=NobodyIsTold(),
            sealing=AesGcmSealing(peppers=DerivedSecrets(masters=["a secret of the tests, long enough"])),
            idempotency=Idempotency(secret=b"k" * 32),
            clock=container.clock,
            real_time=time,
            ids=container.ids,
            randomness=container.randomness,
        )
    )
    yield House(container, webhooks, receiver, time)
    await container.stop()


class NobodyIsTold:
    """The notices of the installation itself are sent by its own reactions."""

    async def tell_disabled(self, heard: Heard, user_id: UUID, *, host: str, reason: str) -> None:
        raise AssertionError("these reactions are not declared")
