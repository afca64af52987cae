"""What races are held on: an installation on SQLite, and one on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.journeys.racing import Arena, opened_arena


@pytest.fixture(params=["sqlite", "postgres"])
def race_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def race_settings() -> dict[str, Any]:
    """What a module wants besides; it has a fixture of its own by this name then."""
    return {}


@pytest.fixture
async def arena(race_url: str, race_settings: dict[str, Any], tmp_path: Path) -> AsyncIterator[Arena]:
    async with opened_arena(race_url, tmp_path, **race_settings) as opened:
        yield opened
