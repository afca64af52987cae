"""What a command says when it cannot do its work: one line a person can act on, and an exit code."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from multiproduct.domain.shared import MultiproductError

FAILED = 1
"""It could not be done."""
MISCONFIGURED = 2
"""The settings or the arguments make no sense."""


class Refused(Exception):
    """A command that will not do what it was asked; the text says why and what to do instead."""


class Misconfigured(Exception):
    """Settings that make no sense, a line for each."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("; ".join(lines))


@contextmanager
def plain_failures() -> Iterator[None]:
    """Ends the command with one line for each failure that is foreseen; a defect keeps its traceback."""
    try:
        yield
    except Misconfigured as error:
        for line in error.lines:
            say_failure(line)
        raise typer.Exit(MISCONFIGURED) from None
    except Exception as error:
        told = _line_for(error)
        if told is None:
            raise
        say_failure(told)
        raise typer.Exit(FAILED) from None


def say_failure(line: str) -> None:
    """Writes a line to standard error."""
    typer.secho(f"multiproduct: {line}", err=True, fg=typer.colors.RED)


def say_caution(line: str) -> None:
    """Writes to standard error what does not end the command."""
    typer.secho(f"multiproduct: warning: {line}", err=True, fg=typer.colors.YELLOW)


def _line_for(error: Exception) -> str | None:
    from multiproduct.bootstrap import NotMigrated  # noqa: PLC0415 - only where something failed
    from multiproduct.domain.shared import MultiproductError, Unavailable  # noqa: PLC0415 - likewise

    if isinstance(error, (Refused, NotMigrated)):
        return str(error)
    if isinstance(error, Unavailable):
        return f"the {error.params['what']} cannot be reached"
    if isinstance(error, MultiproductError):
        return _wording(error)
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "the port is in use: choose another with --port, or stop what listens on it"
    return f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else None


def _wording(error: "MultiproductError") -> str:
    """What people are told of the error over HTTP, in English; its description, where it has no words."""
    from multiproduct.adapters.babel import BabelTranslator  # noqa: PLC0415 - only where something failed
    from multiproduct.application.field_wording import field_wording  # noqa: PLC0415 - likewise
    from multiproduct.application.reason_wording import worded_params  # noqa: PLC0415 - likewise
    from multiproduct.domain.shared import InvalidInput  # noqa: PLC0415 - likewise

    translator = BabelTranslator()
    if isinstance(error, InvalidInput):
        return " ".join(
            f"{problem.field}: "
            + translator.text(field_wording(problem), locale="en", params=dict(problem.params))
            for problem in error.problems
        )
    keys = [f"error.{error.code}.{part}" for part in ("title", "detail")]
    params = worded_params(error, locale="en", translator=translator)
    title, detail = (translator.text(key, locale="en", params=params) for key in keys)
    if title == keys[0]:
        return " ".join((type(error).__doc__ or error.code).split()).partition(". ")[0]
    return f"{title}. {detail}" if detail != keys[1] else title
