"""The library's front door: one object that holds every use case."""

import asyncio
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self

from multiproduct.application.audit import Audit
from multiproduct.application.billing import Billing
from multiproduct.application.catalog import Catalog
from multiproduct.application.identity import Identity
from multiproduct.application.ledger import Ledger
from multiproduct.application.notifications.inbox_wiring import InboxUseCases
from multiproduct.application.notifications.preference_wiring import NotificationUseCases
from multiproduct.application.notifications.push_facade import Push
from multiproduct.application.payments import Payments
from multiproduct.application.subscriptions.wiring import SubscriptionUseCases
from multiproduct.application.translation import Translation
from multiproduct.application.webhooks import Webhooks
from multiproduct.bootstrap import Container, Overrides, build, migrate
from multiproduct.settings import Environment, Settings


class Closed(RuntimeError):
    """It is closed, or its opening failed: what it held is given back for good. Construct another one."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


class AlreadyOpen(RuntimeError):
    """It is open already. Each is opened once; construct another one where a second is needed."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


class _State(Enum):
    NEW = auto()
    OPEN = auto()
    CLOSED = auto()


class Multiproduct:
    """Construct, open with `async with`, call use cases. Each is opened once; a closed one stays closed.

    Nothing is opened and nothing runs before `async with`. Reactions (mails and whatever else leaves the
    database) run as tasks on the same event loop, unless a broker is set and the worker runs them.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._state = _State.NEW

    @classmethod
    def from_settings(cls, settings: Settings | None = None, *, overrides: Overrides | None = None) -> Self:
        """From settings (by default those of the environment). `overrides` replaces single parts by your own.

        Raises pydantic.ValidationError for settings that make no sense.
        """
        return cls(build(settings or Settings(), overrides=overrides))

    @classmethod
    def in_memory(cls, *, overrides: Overrides | None = None) -> Self:
        """With everything in this process' memory: for tests and trials. Hashes cost next to nothing."""
        # Every part that could reach out of this process is set here, whatever the environment says.
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            database_url="memory://",
            redis_url=None,
            broker_url=None,
            smtp_url=None,
            inline_worker=None,
            password_cost="test",  # noqa: S106 - a cost, not a password
        )
        return cls(build(settings, overrides=overrides))

    async def migrate(self) -> None:
        """Brings the tables of the database that the settings name up to this release, as `multiproduct
        migrate` does. To be called before opening; again changes nothing. Raises Unavailable."""
        await asyncio.to_thread(migrate, self._container.settings)

    async def __aenter__(self) -> Self:
        """Raises NotMigrated where the database has not the tables of this release, Unavailable where it
        cannot be reached, Closed, AlreadyOpen."""
        if self._state is _State.OPEN:
            raise AlreadyOpen
        self._require_not_closed()
        self._state = _State.CLOSED
        try:
            await self._container.require_migrated()
        except BaseException:
            await self._container.stop()
            raise
        await self._container.start()
        self._state = _State.OPEN
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state = _State.CLOSED
        await self._container.stop()

    @property
    def identity(self) -> Identity:
        """People: registration, sign-in, sessions, profile, user names. Raises Closed."""
        self._require_not_closed()
        return self._container.identity

    @property
    def catalog(self) -> Catalog:
        """What is for sale: products, plans, prices, coupons, meters. Raises Closed."""
        self._require_not_closed()
        return self._container.catalog

    @property
    def audit(self) -> Audit:
        """The audit log: reading it, sealing and verifying the chain over it. Raises Closed."""
        self._require_not_closed()
        return self._container.audit

    @property
    def ledger(self) -> Ledger:
        """Double entry: accounts, postings in batches, holds, balances at any instant, closed periods. Raises
        Closed."""
        self._require_not_closed()
        return self._container.ledger

    @property
    def billing(self) -> Billing:
        """Orders, invoices, credit notes, what customers owe and paid. Raises Closed."""
        self._require_not_closed()
        return self._container.billing

    @property
    def subscriptions(self) -> SubscriptionUseCases:
        """Buying, trying, renewing, changing, pausing and ending subscriptions. Raises Closed."""
        self._require_not_closed()
        return self._container.subscriptions

    @property
    def payments(self) -> Payments:
        """Taking money through gateways, and giving it back, with every outcome accounted for. Raises
        Closed."""
        self._require_not_closed()
        return self._container.payments

    @property
    def notifications(self) -> NotificationUseCases:
        """What people want to hear of and when, what was sent or was not and why. Raises Closed."""
        self._require_not_closed()
        return self._container.notifications

    @property
    def inbox(self) -> InboxUseCases:
        """What people were told, what of it they have read, and following it live. Raises Closed."""
        self._require_not_closed()
        return self._container.inbox

    @property
    def push(self) -> Push:
        """Devices that notifications are pushed to, and pushing to them. Raises Closed."""
        self._require_not_closed()
        return self._container.push

    @property
    def translation(self) -> Translation:
        """Display texts in other languages: by people, and by machines. Raises Closed."""
        self._require_not_closed()
        return self._container.translation

    @property
    def webhooks(self) -> Webhooks:
        """Events sent to addresses of people's own choice, signed. Raises Closed."""
        self._require_not_closed()
        return self._container.webhooks

    @property
    def container(self) -> Container:
        """Everything underneath, for whoever mounts or extends it."""
        return self._container

    async def drain(self) -> int:
        """Runs every due reaction now, and waits for those under way; answers how many it ran. Raises
        Closed."""
        self._require_not_closed()
        return await self._container.relay.drain()

    def join(self, connection: Any) -> "Multiproduct":
        """The same use cases inside a transaction of the host's: a SQLAlchemy `AsyncConnection` to the same
        database. Their writes are committed or rolled back with the host's own.

        Use cases that must leave a mark even when they refuse raise JoinRefused. Call `host_committed` on
        the answer after the host's commit, so that caches, reactions and the security log hear of it at once.
        Raises Closed.
        """
        self._require_not_closed()
        return Multiproduct(self._container.joined(connection))

    def host_committed(self) -> None:
        """The host's transaction, which this object was joined to, is committed. Elsewhere it does
        nothing."""
        told = getattr(self._container.units, "host_committed", None)
        if told is not None:
            told()

    def _require_not_closed(self) -> None:
        if self._state is _State.CLOSED:
            raise Closed
