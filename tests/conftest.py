"""What every test may ask for: the event loop, real servers, and the size of generated campaigns."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from tests.campaigns import proof_is_asked
from tests.servers import (
    ServerUnavailableError,
    empty_redis,
    fresh_database,
    postgres_server,
    rabbitmq_server,
    redis_server,
)

# Derandomized: the same examples in every run, derived from the test itself.
# No deadline: wall time is not asserted.
settings.register_profile("sample", max_examples=50, derandomize=True, database=None, deadline=None)
settings.register_profile("proof", max_examples=2_000, derandomize=True, database=None, deadline=None)
_LONGEST_WORDS = 36
"""Characters of a text that names a test; what is longer may be a key."""

settings.load_profile("proof" if proof_is_asked() else "sample")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if proof_is_asked():
        return
    for item in items:
        if item.get_closest_marker("proof") is not None:
            item.add_marker(pytest.mark.skip(reason="needs MULTIPRODUCT_PROOF=1 (make proof)"))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Keys are drawn anew in every process, and a test is to have one name in all of them."""
    del config
    is_key = isinstance(val, bytes) or (isinstance(val, str) and len(val) > _LONGEST_WORDS)
    return argname if is_key else None


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server that the whole run shares, started when the first test asks for it."""
    try:
        with postgres_server() as url:
            yield url
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server that the whole run shares, started when the first test asks for it."""
    try:
        with redis_server() as url:
            yield url
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """A RabbitMQ that the whole run shares. There is none in a wheel; Debian's is started where it is."""
    try:
        with rabbitmq_server() as url:
            yield url
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def postgres_database(postgres_url: str, anyio_backend: str) -> AsyncIterator[str]:
    """A new, empty database of one test."""
    async with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
async def redis_database(redis_url: str, anyio_backend: str) -> str:
    """The URL of an empty Redis."""
    await empty_redis(redis_url)
    return redis_url
