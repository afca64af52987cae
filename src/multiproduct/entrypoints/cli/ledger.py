"""Commands about the ledger: verify, seal, head, export and verifier."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import FAILED, Misconfigured, plain_failures
from multiproduct.entrypoints.cli.opening import opened, read_settings
from multiproduct.entrypoints.cli.progress import progress

if TYPE_CHECKING:
    from multiproduct.application.ledger import Ledger, LedgerVerdict
    from multiproduct.domain.audit import Mark

ledger = typer.Typer(
    name="ledger",
    help="Verify the ledger, seal it into its chain, and export it for other programs.",
    no_args_is_help=True,
)

FORMATS = ("hledger", "beancount", "csv", "chain")


@ledger.command()
def verify(
    *,
    since_head: Annotated[
        str | None,
        typer.Option(
            metavar="SEQUENCE:HASH", help="A head that was kept elsewhere: the chain must go through it."
        ),
    ] = None,
) -> None:
    """Read the whole ledger and tell what was changed since it was sealed; anything ends it with 1.

    Example: multiproduct ledger verify
    """
    with plain_failures():
        verdict = asyncio.run(_verify(_mark(since_head) if since_head is not None else None))
        _say(verdict)
    if not verdict.is_whole:
        raise typer.Exit(FAILED)


@ledger.command()
def seal() -> None:
    """Seal what is not sealed yet, now; the scheduler does so every 5 seconds.

    Example: multiproduct ledger seal
    """
    with plain_failures():
        with progress("sealing"):
            sealed = asyncio.run(_seal())
        typer.echo(f"{sealed} transactions sealed.")


@ledger.command()
def head() -> None:
    """Print the head of the chain, to be kept where nobody who can write in the database can.

    Example: multiproduct ledger head > kept-head.txt
    """
    with plain_failures():
        verdict = asyncio.run(_verify(None))
        if verdict.head is None:
            typer.echo("Nothing is sealed yet.", err=True)
            raise typer.Exit(FAILED)
        typer.echo(str(verdict.head.mark))
        if not verdict.is_whole:
            typer.echo("The ledger is not whole: run `multiproduct ledger verify`.", err=True)
            raise typer.Exit(FAILED)


@ledger.command()
def export(
    *,
    format_name: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="hledger, beancount, csv or chain.")
    ],
) -> None:
    """Print the journal for another program, with what every account must come to at its end.

    Examples: multiproduct ledger export --format hledger > books.journal

    multiproduct ledger export --format chain > books.jsonl
    """
    with plain_failures():
        if format_name not in FORMATS:
            raise Misconfigured(f"--format is one of {', '.join(FORMATS)}")
        asyncio.run(_export(format_name))


@ledger.command()
def verifier() -> None:
    """Print a program that verifies an export or an SQLite database with nothing but Python.

    Example: multiproduct ledger verifier > verify_ledger.py
    """
    sys.stdout.write(Path(__file__).with_name("ledger_verifier.py").read_text(encoding="utf-8"))


_MEANINGS = {
    "head_missing": "there are sealed transactions and no head of the chain",
    "head_forged": "the head was not signed by this installation, or was changed",
    "head_key_unknown": "the head is signed under a secret that the settings (SECRET_KEY) do not have",
    "head_differs": "it is the last, and not the one that the head was signed for",
    "mark_contradicted": "the chain does not go through the head that was kept",
}
"""What does not explain itself."""


def _mark(text: str) -> "Mark":
    from multiproduct.domain.audit import read_mark  # noqa: PLC0415 - not for --help

    try:
        return read_mark(text)
    except ValueError as error:
        raise Misconfigured(f"--since-head: {error}") from None


@asynccontextmanager
async def _opened() -> "AsyncIterator[Ledger]":
    async with opened(read_settings()) as container:
        yield container.ledger


async def _verify(since: "Mark | None") -> "LedgerVerdict":
    async with _opened() as books:
        return await books.sealing.verify(since=since)


async def _seal() -> int:
    async with _opened() as books:
        return await books.sealing.run()


async def _export(format_name: str) -> None:
    async with _opened() as books:
        async for piece in books.exporting.pieces(format_name):
            sys.stdout.write(piece)


def _say(verdict: "LedgerVerdict") -> None:
    for finding in verdict.findings:
        place = "-" if finding.sequence is None else str(finding.sequence)
        until = "" if finding.until in (None, finding.sequence) else f" to {finding.until}"
        meaning = _MEANINGS.get(finding.kind, "")
        typer.echo(
            f"{finding.kind}: transaction {place}{until}"
            + (f" (id {finding.id})" if finding.id else "")
            + (f": {meaning}" if meaning else "")
        )
    if verdict.total > len(verdict.findings):
        typer.echo(f"... and {verdict.total - len(verdict.findings)} more.")
    for transaction_id in verdict.forgotten:
        typer.echo(f"forgotten: {transaction_id} is neither sealed nor waits for it, or has no transaction")
    for code in verdict.unsupported:
        typer.echo(f"unsupported: account {code} does not stand at the sum of its entries")
    for hold_id in verdict.misheld:
        typer.echo(f"misheld: {hold_id} is not listed among the open holds as it stands in the journal")
    typer.echo(f"{verdict.transactions} sealed transactions, {verdict.tail.count} not sealed yet.")
    if verdict.is_whole:
        typer.echo("Nothing was changed.")
