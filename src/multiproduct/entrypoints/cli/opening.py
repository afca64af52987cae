"""Reading the settings and opening the installation for one command."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from multiproduct.entrypoints.cli.failures import Misconfigured, Refused

if TYPE_CHECKING:
    from pydantic import ValidationError

    from multiproduct.bootstrap import Container
    from multiproduct.settings import Settings

MIGRATE_FIRST = "the database has not the tables of this version: run `multiproduct migrate`"


def read_settings() -> "Settings":
    """The settings of the environment and `.env`. Raises Misconfigured, with a line for each that is
    wrong."""
    from pydantic import ValidationError  # noqa: PLC0415 - loaded by commands, not by --help

    from multiproduct.settings import Settings  # noqa: PLC0415 - likewise

    try:
        return Settings()
    except ValidationError as error:
        raise Misconfigured(*_lines(error)) from None
    except OSError as error:
        raise Misconfigured(f"a setting's file cannot be read: {error.filename}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misconfigured("a setting's file is not UTF-8 text") from None


def _lines(error: "ValidationError") -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        message = problem["msg"].removeprefix("Value error, ")
        place = str(problem["loc"][0]) if problem["loc"] else ""
        name = place if place.startswith("MULTIPRODUCT_") or not place else f"MULTIPRODUCT_{place.upper()}"
        lines += [f"{name}: {message}"] if name else message.split("; ")
    return lines


@asynccontextmanager
async def opened(settings: "Settings") -> AsyncIterator["Container"]:
    """The installation, without loops of its own. Raises Misconfigured, Unavailable, Refused where the tables
    are missing."""
    from multiproduct.bootstrap import Role, build  # noqa: PLC0415 - loaded by commands, not by --help

    with parts_present():
        container = build(settings, role=Role.TOOL)
    try:
        await container.store.ping()
        if not await container.store.is_migrated():
            raise Refused(MIGRATE_FIRST)
        await container.start()
        yield container
    finally:
        await container.stop()


@contextmanager
def parts_present() -> Iterator[None]:
    """Turns what Python raises for a URL that no adapter is for, or a missing package, into Misconfigured."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Misconfigured(f"{error.name} is not installed: pip install 'multiproduct[all]'") from None
    except ValueError as error:
        raise Misconfigured(str(error)) from None
