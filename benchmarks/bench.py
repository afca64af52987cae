"""What every benchmark is given: its length, PostgreSQL and Redis, and whom to tell of progress."""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.backing import Backing, backing, product_settings
from benchmarks.servers import OUTPUT

REDIS_NUMBER = 8
"""Redis' numbered database of the product under measure; it is emptied before each use."""


@dataclass(kw_only=True)
class Bench:
    """One run of the harness. Servers it starts end when `open_servers` is closed."""

    quick: bool
    product_url: str | None
    say: Callable[[str], None]
    open_servers: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @cached_property
    def backing(self) -> Backing:
        """PostgreSQL and Redis, started on first use. Raises CannotMeasure."""
        self.say("starting PostgreSQL and Redis")
        return self.open_servers.enter_context(backing())

    def seconds(self, full: float, quick: float) -> float:
        return quick if self.quick else full

    def number(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def fresh_settings(self, database: str, **more: str) -> dict[str, str]:
        """The product's settings on a new database, an empty Redis and an empty mailbox."""
        mailbox = OUTPUT / "mailbox"
        shutil.rmtree(mailbox, ignore_errors=True)
        mailbox.mkdir(parents=True)
        return product_settings(
            self.backing.new_database(database),
            self.backing.empty_redis(REDIS_NUMBER),
            MULTIPRODUCT_MAILBOX_DIR=str(mailbox),
            **more,
        )
