"""Reading the settings and opening the installation for one command."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from multiproduct.entrypoints.cli.failures import Misconfigured, say_caution

if TYPE_CHECKING:
    from pydantic import ValidationError

    from multiproduct.bootstrap import Container
    from multiproduct.settings import Settings

_log = logging.getLogger(__name__)


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


def begin_logs(settings: "Settings") -> None:
    """Has this process write logs, first of all about variables that nothing reads. Raises Misconfigured
    where the security log cannot be written."""
    from multiproduct.bootstrap import set_up_logs  # noqa: PLC0415 - loaded by commands, not by --help
    from multiproduct.settings import unknown_variables  # noqa: PLC0415 - likewise

    try:
        set_up_logs(settings)
    except OSError as error:
        raise Misconfigured(f"MULTIPRODUCT_SECURITY_LOG: cannot be written: {error.strerror}") from None
    for unknown in unknown_variables():
        _log.warning("%s", unknown)


def say_unknown_variables() -> None:
    """Warns of variables that nothing reads, on standard error."""
    from multiproduct.settings import unknown_variables  # noqa: PLC0415 - loaded by commands, not by --help

    for unknown in unknown_variables():
        say_caution(str(unknown))


@asynccontextmanager
async def opened(settings: "Settings") -> AsyncIterator["Container"]:
    """The installation, without loops of its own. Raises Misconfigured, Unavailable, NotMigrated."""
    from multiproduct.bootstrap import Role, build  # noqa: PLC0415 - loaded by commands, not by --help

    with parts_present():
        container = build(settings, role=Role.TOOL)
    try:
        await container.require_migrated()
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
