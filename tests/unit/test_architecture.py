"""The rules of the architecture that import-linter cannot say, and a test of its contracts themselves."""

import configparser
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "multiproduct"

# From the top: whoever stands in a line may use the lines below it, and nobody in its own.
STACK = (
    ("notifications", "webhooks", "analytics", "exports"),
    ("affiliates", "reviews"),
    ("marketplace",),
    ("subscriptions", "wallet"),
    ("billing",),
    ("payments", "chat"),
    ("catalog", "ledger", "identity"),
    ("otp", "translation", "files", "audit"),
)
HEIGHTS = {context: height for height, line in enumerate(reversed(STACK), start=1) for context in line}
KERNEL_HEIGHT = 0

# Time, randomness, the machine and other people's loops come to the domain as arguments.
NOT_FOR_THE_DOMAIN = frozenset({"asyncio", "logging", "os", "random", "time"})
# Alembic loads migrations by their paths, not as modules.
LOADED_BY_PATH = ("adapters/sql/migrations",)

Import = tuple[str, str]


def the_context_of(module: str) -> str | None:
    """The context a module speaks for: `kernel` for what all contexts share, None for what assembles them."""
    match module.split(".")[1:]:
        case ["domain" | "application", name, *_] if name in HEIGHTS:
            return name
        case ["domain" | "application", *_]:
            return "kernel"
        case ["adapters" | "entrypoints", _technology, name, *_] if name in HEIGHTS:
            return name
        case _:
            return None


def upward_imports(imports: Iterable[Import]) -> list[Import]:
    """The imports, within and across layers, of a context that does not stand below the importer's."""
    found = []
    for importer, imported in imports:
        above, below = the_context_of(importer), the_context_of(imported)
        if above is None or below is None or above == below:
            continue
        if HEIGHTS.get(below, KERNEL_HEIGHT) >= HEIGHTS.get(above, KERNEL_HEIGHT):
            found.append((importer, imported))
    return found


def impure_imports(imports: Iterable[Import]) -> list[Import]:
    """What the domain imports besides itself and the permitted standard library."""
    return [
        (importer, imported)
        for importer, imported in imports
        if importer.split(".")[:2] == ["multiproduct", "domain"]
        and imported.split(".")[0] != "multiproduct"
        and (
            imported.split(".")[0] in NOT_FOR_THE_DOMAIN
            or imported.split(".")[0] not in sys.stdlib_module_names
        )
    ]


def folders_without_init(package: Path) -> list[str]:
    """Folders with Python files that import systems would silently take for namespace packages."""
    folders = {path.parent for path in package.rglob("*.py")}
    folders |= {parent for folder in folders for parent in folder.parents if parent.is_relative_to(package)}
    return sorted(
        name
        for folder in folders
        if not (folder / "__init__.py").exists()
        and not (name := folder.relative_to(package).as_posix()).startswith(LOADED_BY_PATH)
    )


@pytest.fixture(scope="module")
def imports() -> set[Import]:
    graph = grimp.build_graph("multiproduct", include_external_packages=True, cache_dir=None)
    return {
        (importer, imported)
        for importer in graph.modules
        if not graph.is_module_squashed(importer)
        for imported in graph.find_modules_directly_imported_by(importer)
    }


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def the_homed_packages() -> set[str]:
    return set(contracts()["importlinter:contract:homes"]["forbidden_modules"].split())


def test_no_context_imports_upwards_in_any_layer(imports):
    assert upward_imports(imports) == []


def test_the_domain_needs_only_the_permitted_standard_library(imports):
    assert impure_imports(imports) == []


def test_every_folder_of_the_package_is_a_package():
    assert folders_without_init(PACKAGE) == []


def test_every_third_party_package_has_a_home(imports):
    foreign = {imported.split(".")[0] for _, imported in imports} - {"multiproduct", *sys.stdlib_module_names}
    assert foreign - the_homed_packages() == set(), "name its home in .importlinter"


@pytest.mark.parametrize("contract", ["domain-contexts", "application-contexts"])
def test_the_contracts_and_this_test_hold_the_same_stack(contract):
    lines = contracts()[f"importlinter:contract:{contract}"]["layers"].strip().splitlines()
    named = tuple(tuple(word.strip(" ()") for word in line.split("|")) for line in lines[:-1])
    assert named == STACK


def test_importing_multiproduct_loads_no_third_party_package():
    program = "import sys, multiproduct; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    loaded = {name.split(".")[0] for name in printed.split()}
    assert "multiproduct" in loaded
    assert loaded & the_homed_packages() == set()


@pytest.mark.parametrize(
    "planted",
    [
        ("multiproduct.application.otp.issuing", "multiproduct.domain.identity.user"),
        ("multiproduct.application.billing.issuing", "multiproduct.domain.subscriptions.subscription"),
        ("multiproduct.adapters.sql.billing", "multiproduct.application.marketplace.ports"),
        ("multiproduct.adapters.memory.otp.challenges", "multiproduct.domain.identity"),
        ("multiproduct.entrypoints.http.catalog", "multiproduct.application.billing"),
        ("multiproduct.application.catalog.pricing", "multiproduct.domain.ledger.account"),
        ("multiproduct.application.webhooks", "multiproduct.application.notifications"),
        ("multiproduct.application.units", "multiproduct.domain.otp"),
        ("multiproduct.application.ports.mailer", "multiproduct.application.notifications.types"),
    ],
)
def test_an_upward_import_is_caught(planted):
    allowed = ("multiproduct.application.identity.registration", "multiproduct.application.otp")
    assert upward_imports([allowed, planted]) == [planted]


@pytest.mark.parametrize(
    "harmless",
    [
        ("multiproduct.application.identity.registration", "multiproduct.domain.otp.challenge"),
        ("multiproduct.application.otp.issuing", "multiproduct.application.otp.ports"),
        ("multiproduct.adapters.sql.identity", "multiproduct.application.identity.ports"),
        ("multiproduct.domain.otp.challenge", "multiproduct.domain.shared.errors"),
        ("multiproduct.application.notifications.sending", "multiproduct.application.ports.mailer"),
        ("multiproduct.adapters.sql.unit_of_work", "multiproduct.adapters.sql.marketplace"),
        ("multiproduct.bootstrap", "multiproduct.application.notifications"),
        ("multiproduct.application.otp.issuing", "datetime"),
    ],
)
def test_a_downward_import_is_no_offence(harmless):
    assert upward_imports([harmless]) == []


@pytest.mark.parametrize("name", ["asyncio", "logging", "os", "random", "time", "pydantic", "sqlalchemy"])
def test_an_impure_import_of_the_domain_is_caught(name):
    planted = ("multiproduct.domain.otp.challenge", name)
    elsewhere = ("multiproduct.application.otp.issuing", name)
    allowed = ("multiproduct.domain.otp.challenge", "datetime")
    assert impure_imports([allowed, elsewhere, planted]) == [planted]


def test_a_folder_without_init_is_caught(tmp_path):
    for path in ("__init__.py", "adapters/sql/__init__.py", "adapters/sql/migrations/versions/0001_first.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "adapters/jinja2/templates").mkdir(parents=True)
    (tmp_path / "adapters/jinja2/templates/mail.html").touch()
    assert folders_without_init(tmp_path) == ["adapters"]


PLANTED = (
    ("domain/otp/challenge.py", "multiproduct.application.otp"),
    ("application/otp/issuing.py", "multiproduct.adapters.sql"),
    ("adapters/sql/engine.py", "multiproduct.settings"),
    ("settings.py", "multiproduct.bootstrap"),
    ("bootstrap/planted.py", "multiproduct.entrypoints.http"),
    ("domain/otp/codes.py", "multiproduct.domain.identity"),
    ("domain/shared/money.py", "multiproduct.domain.otp"),
    ("application/otp/purging.py", "multiproduct.application.identity"),
    ("application/ports/mailer.py", "multiproduct.application.otp"),
    ("adapters/redis/cache.py", "multiproduct.adapters.sql"),
    ("adapters/memory/store.py", "multiproduct.adapters.contracts"),
    ("adapters/contracts/units.py", "multiproduct.adapters.sql"),
    ("adapters/redis/limits.py", "sqlalchemy"),
    ("adapters/smtp/mailer.py", "jinja2"),
    ("application/otp/sending.py", "dramatiq"),
    ("entrypoints/worker/broker.py", "redis"),
    ("domain/otp/models.py", "pydantic"),
    ("application/otp/options.py", "pydantic_settings"),
    ("bootstrap/planted.py", "starlette"),
    ("entrypoints/http/banner.py", "rich"),
    ("entrypoints/cli/serve.py", "starlette"),
)
PERMITTED = (
    ("domain/audit/errors.py", "multiproduct.domain.shared"),
    ("application/audit/sealing.py", "multiproduct.domain.audit"),
    ("adapters/contracts/challenges.py", "multiproduct.adapters.memory.challenges"),
    ("adapters/memory/challenges.py", "multiproduct.application.otp"),
    ("adapters/sql/tables.py", "sqlalchemy"),
    ("entrypoints/worker/process.py", "dramatiq"),
    ("adapters/dramatiq/broker.py", "redis"),
    ("application/otp/commands.py", "pydantic"),
    ("application/identity/registration.py", "multiproduct.application.otp"),
)


@pytest.fixture(scope="module")
def verdict_on_the_planted(tmp_path_factory) -> str:
    """What lint-imports says about a small package that breaks every contract."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / ".importlinter", root)
    package = root / "multiproduct"
    for path, imported in (*PLANTED, *PERMITTED):
        home = package / path
        home.parent.mkdir(parents=True, exist_ok=True)
        with home.open("a") as module:
            module.write(f"import {imported}\n")
        target = root / imported.replace(".", "/")
        if imported.startswith("multiproduct.") and not target.with_suffix(".py").exists():
            target.mkdir(parents=True, exist_ok=True)
    for folder in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    return " ".join(run.stdout.split())  # the report is wrapped to the width of a terminal


def arrow(path: str, imported: str) -> str:
    return f"multiproduct.{path.removesuffix('.py').replace('/', '.')} -> {imported} ("


@pytest.mark.parametrize(("path", "imported"), PLANTED)
def test_the_contracts_catch_a_planted_import(verdict_on_the_planted, path, imported):
    assert arrow(path, imported) in verdict_on_the_planted


@pytest.mark.parametrize(("path", "imported"), PERMITTED)
def test_the_contracts_let_a_proper_import_pass(verdict_on_the_planted, path, imported):
    assert arrow(path, imported) not in verdict_on_the_planted
