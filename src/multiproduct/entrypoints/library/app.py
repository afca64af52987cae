"""The library's front door: one object that holds every use case."""

from types import TracebackType
from typing import Any, Self

from multiproduct.application.identity import Identity
from multiproduct.bootstrap import Container, Overrides, build
from multiproduct.settings import Environment, Settings


class Multiproduct:
    """Construct, open with `async with`, call use cases.

    Nothing is opened and nothing runs before `async with`. Reactions (mails and whatever else leaves the
    database) run as tasks on the same event loop, unless a broker is set and the worker runs them.
    """

    def __init__(self, container: Container) -> None:
        self._container = container

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

    async def __aenter__(self) -> Self:
        await self._container.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._container.stop()

    @property
    def identity(self) -> Identity:
        """People: registration, sign-in, sessions, profile, user names."""
        return self._container.identity

    @property
    def container(self) -> Container:
        """Everything underneath, for whoever mounts or extends it."""
        return self._container

    async def drain(self) -> int:
        """Runs every due reaction now, and waits for those under way; answers how many it ran."""
        return await self._container.relay.drain()

    def join(self, connection: Any) -> "Multiproduct":
        """The same use cases inside a transaction of the host's: a SQLAlchemy `AsyncConnection` to the same
        database. Their writes are committed or rolled back with the host's own.

        Use cases that must leave a mark even when they refuse raise JoinRefused. Call `host_committed` on
        the answer after the host's commit, so that caches and reactions hear of it at once.
        """
        return Multiproduct(self._container.joined(connection))

    def host_committed(self) -> None:
        """The host's transaction, which this object was joined to, is committed. Elsewhere it does
        nothing."""
        told = getattr(self._container.units, "host_committed", None)
        if told is not None:
            told()
