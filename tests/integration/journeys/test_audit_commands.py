"""`multiproduct audit` on real databases: what is done to the log by raw SQL is told, and where."""

import asyncio
import os
import random
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.servers import fresh_database
from typer.testing import CliRunner, Result

from multiproduct.adapters.sql import migrate_blocking
from multiproduct.adapters.sql.engine import normalised
from multiproduct.application.identity import SignInWithPassword
from multiproduct.bootstrap import Container, Role, build
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.cli.main import app
from multiproduct.settings import Settings

ENTRIES = 12
SECRET = "a secret of at least thirty-two characters"
OTHER_SECRET = "another secret of thirty-two characters."
SEED = 20261121


@dataclass
class House:
    """An installation with sealed entries, whose database somebody has access to."""

    url: str
    kept_head: str = ""

    def audit(self, *arguments: str, **changed: str) -> Result:
        environment = {"MULTIPRODUCT_DATABASE_URL": self.url, "MULTIPRODUCT_SECRET_KEY": SECRET, **changed}
        return CliRunner().invoke(app, ["audit", *arguments], env=environment)

    def tamper(self, *statements: str) -> None:
        asyncio.run(_execute(self.url, *statements))

    def findings(self, *arguments: str) -> list[str]:
        """What verifying tells, and where."""
        done = self.audit("verify", *arguments)
        found = re.findall(r"^multiproduct: ([a-z_]+): (.*?)(?: \(id .*)?$", done.stderr, re.MULTILINE)
        assert done.exit_code == (1 if found else 0), done.output
        places = [re.search(r"\d+( to \d+)?", words) for _, words in found]
        return [
            f"{kind} {place[0] if place else '-'}" for (kind, _), place in zip(found, places, strict=True)
        ]


async def _execute(url: str, *statements: str) -> None:
    engine = create_async_engine(normalised(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def _write(url: str, count: int) -> None:
    """Entries as the service writes them: refused sign-ins of strangers."""
    settings = Settings(
        _env_file=None, database_url=url, password_cost="test", rate_limit_profile="unlimited"
    )
    async with _program(settings) as program:
        for number in range(count):
            with pytest.raises(MultiproductError):
                await program.identity.sign_in.with_password(
                    SignInWithPassword(identifier=f"stranger{number}@example.com", password="not this one")
                )


@asynccontextmanager
async def _program(settings: Settings) -> AsyncIterator[Container]:
    """The use cases, and nothing that runs by itself."""
    container = build(settings, role=Role.TOOL)
    await container.start()
    try:
        yield container
    finally:
        await container.stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("MULTIPRODUCT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MULTIPRODUCT_PASSWORD_COST", "test")
    monkeypatch.chdir(tmp_path)


def _sealed(url: str) -> House:
    migrate_blocking(url)
    asyncio.run(_write(url, ENTRIES))
    house = House(url)
    assert house.audit("seal").stdout == f"{ENTRIES} entries sealed.\n"
    house.kept_head = house.audit("head").stdout.strip()
    return house


@pytest.fixture(scope="module")
def sealed_sqlite(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Copied for each test."""
    return _sealed(f"sqlite:///{tmp_path_factory.mktemp('sealed')}/store.db")


@pytest.fixture(scope="module")
def sealed_postgres(postgres_url: str) -> Iterator[House]:
    """Copied for each test."""
    with asyncio.Runner() as runner:
        fresh = fresh_database(postgres_url)
        url = runner.run(fresh.__aenter__())
        yield _sealed(url)
        runner.run(fresh.__aexit__(None, None, None))


@pytest.fixture
def sqlite_house(sealed_sqlite: House, tmp_path: Path) -> House:
    shutil.copy(sealed_sqlite.url.removeprefix("sqlite:///"), tmp_path / "store.db")
    return House(f"sqlite:///{tmp_path}/store.db", sealed_sqlite.kept_head)


@pytest.fixture
def postgres_house(sealed_postgres: House, postgres_url: str) -> Iterator[House]:
    source = urlsplit(sealed_postgres.url).path.strip("/")
    copy = f"{source}_copy"
    asyncio.run(_execute(postgres_url, f'CREATE DATABASE "{copy}" TEMPLATE "{source}"'))
    url = urlunsplit(urlsplit(sealed_postgres.url)._replace(path=f"/{copy}"))
    yield House(url, sealed_postgres.kept_head)
    asyncio.run(_execute(postgres_url, f'DROP DATABASE "{copy}" WITH (FORCE)'))


@pytest.fixture(params=["sqlite_house", "postgres_house"])
def house(request: pytest.FixtureRequest) -> House:
    return request.getfixturevalue(request.param)


_SWAP = "UPDATE audit_entries SET sequence = {} WHERE sequence = {}"
_COPY_MOMENT = (
    "UPDATE audit_entries SET occurred_at = (SELECT occurred_at FROM audit_entries WHERE sequence = 12)"
    " WHERE sequence = {}"
)
_PUT_BACK = (
    "UPDATE audit_chain SET sequence = {}, hash = (SELECT sealed_hash FROM audit_entries WHERE sequence = {})"
)
_COPY = (
    "INSERT INTO audit_entries (id, occurred_at, event, action, resource_type, resource_id, actor_type,"
    " changes, metadata, sealed_hash, sequence, seal_version, salt)"
    " SELECT '0198a4d27c1e7b9a9f0e3b1f6a2c8d10', occurred_at, event, action, resource_type, resource_id,"
    " actor_type, changes, metadata, sealed_hash, {}, seal_version, salt FROM audit_entries"
    " WHERE sequence = {}"
)
Tampering = Callable[[int], Sequence[str]]
TAMPERINGS: dict[str, tuple[Tampering, Callable[[int], list[str]]]] = {
    "an edited field": (
        lambda at: [f"UPDATE audit_entries SET resource_id = 'somebody else' WHERE sequence = {at}"],
        lambda at: [f"edited {at}"],
    ),
    "an edited document": (
        lambda at: [f"""UPDATE audit_entries SET metadata = '{{"x": 1}}' WHERE sequence = {at}"""],
        lambda at: [f"edited {at}"],
    ),
    "an edited moment": (
        lambda at: [_COPY_MOMENT.format(at)],
        lambda at: [f"edited {at}"],
    ),
    "a deleted entry": (
        lambda at: [f"DELETE FROM audit_entries WHERE sequence = {at}"],
        lambda at: [f"deleted {at}"],
    ),
    "an inserted entry": (
        lambda at: ["DROP INDEX uq_audit_entries_sequence", _COPY.format(at, at)],
        lambda at: [f"inserted {at}"],
    ),
    "an entry beyond the head": (
        lambda at: [_COPY.format(ENTRIES + 1, at)],
        lambda _at: [f"inserted {ENTRIES + 1}"],
    ),
    "two entries that changed places": (
        lambda at: [_SWAP.format(99, at), _SWAP.format(at, at + 2), _SWAP.format(at + 2, 99)],
        lambda at: [f"reordered {at}", f"edited {at + 1}", f"reordered {at + 2}", f"edited {at + 3}"],
    ),
    "a truncated end": (
        lambda at: [f"DELETE FROM audit_entries WHERE sequence > {at}"],
        lambda at: [f"truncated {at + 1} to {ENTRIES}"],
    ),
    "a head that was put back": (
        lambda at: [f"DELETE FROM audit_entries WHERE sequence > {at}", _PUT_BACK.format(at, at)],
        lambda at: [f"head_forged {at}"],
    ),
    "a head that is gone": (lambda _at: ["DELETE FROM audit_chain"], lambda _at: ["head_missing -"]),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_told_with_its_place(house: House, what: str) -> None:
    assert house.findings("--since-head", house.kept_head) == []
    at = random.Random(f"{SEED} {what} {house.url[:6]}").randint(2, ENTRIES - 4)
    statements, told = TAMPERINGS[what]
    house.tamper(*statements(at))
    assert house.findings() == told(at)


def test_only_a_head_that_was_kept_elsewhere_finds_a_database_that_was_put_back(house: House) -> None:
    """A backup of an hour ago is a whole chain, and its head was signed here."""
    older = house.kept_head
    asyncio.run(_write(house.url, 3))
    assert house.audit("seal").stdout == "3 entries sealed.\n"
    newer = house.audit("head").stdout.strip()
    assert house.findings("--since-head", older) == []
    assert house.findings("--since-head", newer) == []
    sequence = int(newer.partition(":")[0])
    assert house.findings("--since-head", f"{sequence + 1}:{'0' * 64}") == [
        f"mark_contradicted {sequence + 1}"
    ]
    assert house.findings("--since-head", f"{sequence}:{'0' * 64}") == [f"mark_contradicted {sequence}"]


def test_the_unsealed_tail_is_told_and_is_no_finding(house: House) -> None:
    asyncio.run(_write(house.url, 2))
    done = house.audit("verify")
    assert done.exit_code == 0
    assert re.search(r"^2 entries are not sealed yet, the oldest of 2\d{3}-", done.stdout, re.MULTILINE)


def test_a_head_that_is_not_a_head_is_a_matter_of_usage(house: House) -> None:
    assert house.audit("verify", "--since-head", "12").exit_code == 2
    assert house.audit("verify", "--nonsense").exit_code == 2


def test_a_forged_head_is_not_extended(house: House) -> None:
    house.tamper("UPDATE audit_chain SET sequence = 11")
    asyncio.run(_write(house.url, 1))
    done = house.audit("seal")
    assert (done.exit_code, done.stdout) == (1, "")
    assert house.audit("head").exit_code == 1


def test_heads_under_a_retired_secret_are_good_and_signed_anew_under_the_present_one(house: House) -> None:
    changed = {"MULTIPRODUCT_SECRET_KEY": OTHER_SECRET, "MULTIPRODUCT_RETIRED_SECRET_KEYS": SECRET}
    assert house.audit("verify", **changed).exit_code == 0
    assert house.audit("seal", **changed).exit_code == 0
    alone = {"MULTIPRODUCT_SECRET_KEY": OTHER_SECRET}
    assert house.audit("verify", "--since-head", house.kept_head, **alone).exit_code == 0


def test_where_the_secret_is_lost_a_person_vouches_for_the_head_that_was_kept(house: House) -> None:
    lost = {"MULTIPRODUCT_SECRET_KEY": OTHER_SECRET}
    told = house.audit("verify", **lost)
    assert (told.exit_code, "head_key_unknown" in told.stderr) == (1, True)
    assert house.audit("seal", **lost).exit_code == 1
    assert house.audit("vouch", f"{ENTRIES}:{'0' * 64}", **lost).exit_code == 1
    assert house.audit("vouch", house.kept_head, **lost).exit_code == 0
    assert house.audit("verify", "--since-head", house.kept_head, **lost).exit_code == 0


def test_values_that_no_database_type_would_take_are_told(sqlite_house: House) -> None:
    """SQLite keeps anything anywhere."""
    sqlite_house.tamper(
        "UPDATE audit_entries SET changes = '{' WHERE sequence = 1",
        "UPDATE audit_entries SET occurred_at = 'yesterday' WHERE sequence = 2",
        "UPDATE audit_entries SET id = 'nobody' WHERE sequence = 3",
        "UPDATE audit_entries SET sealed_hash = 'text' WHERE sequence = 4",
        "UPDATE audit_entries SET sequence = 'six' WHERE sequence = 12",
    )
    told = ["edited 1", "edited 2", "edited 3", "edited 4", "truncated 12", "inserted -"]
    assert sqlite_house.findings() == told


def test_a_reader_that_may_only_read_can_verify(house: House) -> None:
    """On PostgreSQL by a role with SELECT alone, on SQLite by a file that may not be written."""
    if house.url.startswith("sqlite"):
        Path(house.url.removeprefix("sqlite:///")).chmod(0o444)
        assert house.findings("--since-head", house.kept_head) == []
        return
    house.tamper(
        "DROP ROLE IF EXISTS auditor",
        "CREATE ROLE auditor LOGIN PASSWORD 'auditor'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor",
    )
    auditor = House(re.sub(r"//[^@]*@", "//auditor:auditor@", house.url))
    found = auditor.findings("--since-head", house.kept_head)
    house.tamper("DROP OWNED BY auditor", "DROP ROLE auditor")
    assert found == []
