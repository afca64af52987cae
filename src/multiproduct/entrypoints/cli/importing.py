"""The command import-users: people from another system, out of a file."""

import asyncio
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from multiproduct.entrypoints.cli.failures import Refused, plain_failures
from multiproduct.entrypoints.cli.opening import opened, read_settings
from multiproduct.entrypoints.cli.progress import counted_progress

if TYPE_CHECKING:
    from multiproduct.settings import Settings

_BATCH = 200
_LONGEST_LINE = 65_536
_MOST_SHOWN = 100


@dataclass(slots=True)
class _Tally:
    """What became of the rows so far. `refused` holds row numbers, counted from 1, and why."""

    imported: int = 0
    present: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_users(
    *,
    file: Annotated[Path, typer.Argument(help="One person a line (.jsonl), or a table with a head (.csv).")],
    source: Annotated[str, typer.Option(help="A name for the system they come from.")] = "import",
    report: Annotated[
        Path | None, typer.Option(help="Where to write the refused rows to, as lines of JSON.")
    ] = None,
) -> None:
    """Bring people over from another system, with the passwords they have there.

    Columns: external_id, username, email, phone, first_name, last_name, password_hash, email_verified,
    phone_verified, is_active, locale, time_zone, created_at. Hashes of Django (pbkdf2_sha256, bcrypt,
    bcrypt_sha256, argon2), bcrypt and argon2 are taken, and brought up to date when their owners sign in.
    Running it again imports nobody twice; nobody is sent anything. Ends with status 1 if rows were refused.

    Example: multiproduct import-users people.jsonl --source shop --report refused.jsonl
    """
    with plain_failures():
        settings = read_settings()
        total = _count(file)
        tally = asyncio.run(_import(settings, file, source, total))
        typer.echo(f"imported {tally.imported}, here already {tally.present}, refused {len(tally.refused)}")
        for row, problems in tally.refused[:_MOST_SHOWN]:
            typer.echo(f"row {row}: {problems}")
        if len(tally.refused) > _MOST_SHOWN:
            typer.echo(f"and {len(tally.refused) - _MOST_SHOWN} more")
        if report is not None:
            _write_report(report, tally)
    if tally.refused:
        raise typer.Exit(1)


async def _import(settings: "Settings", file: Path, source: str, total: int) -> _Tally:
    from pydantic import ValidationError  # noqa: PLC0415 - not for --help

    from multiproduct.application.caller import SYSTEM  # noqa: PLC0415 - likewise
    from multiproduct.application.identity import ImportUsers  # noqa: PLC0415 - likewise

    tally = _Tally()
    async with opened(settings) as container:
        with counted_progress("importing") as told:
            first = 1
            rows = _rows(file)
            while batch := list(islice(rows, _BATCH)):
                try:
                    command = ImportUsers(source=source, rows=batch)
                except ValidationError:
                    raise Refused("--source: small letters, digits, dots, hyphens, underscores") from None
                done = await container.identity.importing.import_users(command, SYSTEM)
                tally.imported += done.imported
                tally.present += done.present
                tally.refused += [(first + each.row, "; ".join(each.problems)) for each in done.refused]
                first += len(batch)
                told(first - 1, total)
    return tally


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of the file; one that is no JSON object becomes one that is refused."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        if file.suffix == ".csv":
            yield from ({k: v for k, v in row.items() if k and v} for row in csv.DictReader(lines))
            return
        while line := lines.readline(_LONGEST_LINE):
            if line.strip():
                yield _object(line)


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    return row if isinstance(row, dict) else {"not_a_json_object": True}


def _count(file: Path) -> int:
    """How many rows there are. Raises Refused where the file cannot be read as what its name says."""
    if file.suffix not in {".csv", ".jsonl"}:
        raise Refused("the file's name must end in .jsonl or .csv")
    try:
        return sum(1 for _ in _rows(file))
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise Refused(f"{file}: not the UTF-8 text that its name says") from None


def _write_report(report: Path, tally: _Tally) -> None:
    lines = (json.dumps({"row": row, "problems": problems}) for row, problems in tally.refused)
    try:
        report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{report}: {error.strerror}") from None
