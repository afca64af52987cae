"""A purchase, and a renewal, that dies at every step: tried again, it is had once and paid for once."""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import anyio
import httpx2
import pytest
from tests.campaigns import proof_is_asked
from tests.integration.journeys.commerce import (
    Books,
    Shop,
    buy,
    open_shop,
    opened_shop_house,
    settings_of,
)
from tests.integration.journeys.crashing import COMMIT, FOLDER_VARIABLE, GATEWAY
from tests.integration.journeys.installation import Installation
from tests.servers import empty_redis

ROOT = Path(__file__).resolve().parents[3]
WITHIN_SECONDS = 60.0


class MortalInstallation(Installation):
    """An installation whose processes die at the step they are told."""

    command = (sys.executable, "-m", "tests.integration.journeys.crashing")

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(
            folder,
            PYTHONPATH=str(ROOT),
            MULTIPRODUCT_TODO_LEASE_SECONDS="5",
            **{FOLDER_VARIABLE: str(folder)},
            **environment,
        )
        self.has_worker = "MULTIPRODUCT_REDIS_URL" in environment

    def start(self) -> None:
        self.start_server()
        if self.has_worker:
            self.start_worker()

    def kill_all(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    @property
    def is_dead(self) -> bool:
        return any(process.poll() is not None for process in self._processes.values())

    def arm(self, step: int) -> None:
        (self.folder / "points").unlink(missing_ok=True)
        (self.folder / "armed").write_text(str(step))

    def disarm(self) -> list[str]:
        """The steps that were reached."""
        (self.folder / "armed").unlink()
        points = self.folder / "points"
        return points.read_text().splitlines() if points.exists() else []
