"""Commands about the audit log: verify, seal, head and vouch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import FAILED, Misconfigured, plain_failures, say_failure
from multiproduct.entrypoints.cli.opening import opened, parts_present, read_settings
from multiproduct.entrypoints.cli.progress import counted_progress, progress

if TYPE_CHECKING:
    from multiproduct.application.audit import Audit, UnsealedTail, Verdict
    from multiproduct.domain.audit import ChainHead, Finding, HeadStanding, Mark
    from multiproduct.settings import Settings

audit = typer.Typer(
    name="audit",
    help="Seal the audit log into its chain, and verify that nobody changed it.",
    no_args_is_help=True,
)

_Head = Annotated[str, typer.Argument(metavar="SEQUENCE:HASH", help="A head that was kept elsewhere.")]

_WORDS = {
    "edited": "entry {place} was changed, or the hash of the one before it",
    "deleted": "missing: {place}",
    "inserted": "entry {place} was put in",
    "reordered": "entry {place} was moved to another place",
    "truncated": "cut off at the end: {place}",
    "head_missing": "there are sealed entries and no head of the chain",
    "head_forged": "the head at {place} was not signed by this installation, or was changed",
    "head_key_unknown": "the head at {place} is signed under a secret that the settings do not have",
    "head_differs": "entry {place} is the last, and not the one that the head was signed for",
    "erased_without_cause": "entry {place} was emptied as if a person had been erased, and nobody was",
    "mark_contradicted": "the chain does not go through the head that was kept, at {place}",
}


@audit.command()
def verify(
    *,
    since_head: Annotated[
        str | None,
        typer.Option(
            metavar="SEQUENCE:HASH", help="A head that was kept elsewhere: the chain must go through it."
        ),
    ] = None,
) -> None:
    """Read the whole audit log and tell what was changed since it was sealed; anything ends it with 1.

    Examples: multiproduct audit verify

    multiproduct audit verify --since-head "$(cat kept-head.txt)"
    """
    with plain_failures():
        mark = _mark(since_head) if since_head is not None else None
        verdict = asyncio.run(_verify(read_settings(), mark))
        _say_verdict(verdict)
    if not verdict.is_whole:
        raise typer.Exit(FAILED)


@audit.command()
def seal() -> None:
    """Seal what is not sealed yet, now; the scheduler does so every 5 seconds.

    Example: multiproduct audit seal
    """
    with plain_failures():
        with progress("sealing"):
            sealed, tail = asyncio.run(_seal(read_settings()))
        typer.echo(f"{sealed} entries sealed.")
        _say_tail(tail)


@audit.command()
def head() -> None:
    """Print the head of the chain, to be kept where nobody who can write in the database can.

    Example: multiproduct audit head > kept-head.txt
    """
    with plain_failures():
        found, standing = asyncio.run(_head(read_settings()))
        if found is None:
            say_failure("nothing is sealed yet, so there is no head")
            raise typer.Exit(FAILED)
        typer.echo(str(found.mark))
        if standing != "genuine":
            say_failure("its signature is not good: run `multiproduct audit verify`")
            raise typer.Exit(FAILED)


@audit.command()
def vouch(kept_head: _Head) -> None:
    """Sign the head of the chain anew under the present secret, where the one it was signed under is lost.

    The chain must end at the head that you give, which you kept elsewhere.

    Example: multiproduct audit vouch "$(cat kept-head.txt)"
    """
    with plain_failures():
        mark = _mark(kept_head)
        asyncio.run(_vouch(read_settings(), mark))
        typer.echo(f"The head at {mark.sequence} is signed under the present secret.")


def _mark(text: str) -> "Mark":
    from multiproduct.domain.audit import read_mark  # noqa: PLC0415 - not for --help

    try:
        return read_mark(text)
    except ValueError as error:
        raise Misconfigured(str(error)) from None


@asynccontextmanager
async def _read_only(settings: "Settings") -> AsyncIterator["Audit"]:
    """The audit log, of a database that may be read-only, without anything else that the settings name."""
    from multiproduct.bootstrap import Role, build  # noqa: PLC0415 - not for --help

    with parts_present():
        container = build(settings, role=Role.TOOL)
    try:
        await container.require_migrated()
        yield container.audit
    finally:
        await container.stop()


async def _verify(settings: "Settings", since: "Mark | None") -> "Verdict":
    async with _read_only(settings) as log:
        with counted_progress("verifying") as told:
            return await log.verifying.run(since=since, progress=told)


async def _head(settings: "Settings") -> "tuple[ChainHead | None, HeadStanding]":
    async with _read_only(settings) as log:
        return await log.verifying.head()


async def _seal(settings: "Settings") -> "tuple[int, UnsealedTail]":
    async with opened(settings) as container:
        sealed = 0
        while count := await container.audit.sealing.run():
            sealed += count
        return sealed, await container.audit.verifying.tail()


async def _vouch(settings: "Settings", mark: "Mark") -> None:
    async with opened(settings) as container:
        await container.audit.sealing.vouch(mark)


def _say_verdict(verdict: "Verdict") -> None:
    for finding in verdict.findings:
        say_failure(_line(finding))
    if verdict.total > len(verdict.findings):
        say_failure(f"and {verdict.total - len(verdict.findings)} more")
    if verdict.head is not None:
        typer.echo(f"Head: {verdict.head.mark}")
    _say_tail(verdict.tail)
    if verdict.erased:
        typer.echo(f"{verdict.erased} of the entries were emptied, as people in them were erased.")
    if verdict.is_whole:
        typer.echo(f"{verdict.entries} sealed entries, and nothing was changed.")
    else:
        typer.echo(f"{verdict.entries} sealed entries; {verdict.total} findings.")


def _say_tail(tail: "UnsealedTail") -> None:
    if tail.count:
        since = tail.oldest.isoformat(timespec="seconds") if tail.oldest else "an unreadable moment"
        typer.echo(f"{tail.count} entries are not sealed yet, the oldest of {since}.")


def _line(finding: "Finding") -> str:
    place = "?" if finding.sequence is None else str(finding.sequence)
    if finding.until is not None and finding.until != finding.sequence:
        place += f" to {finding.until}"
    line = f"{finding.kind}: {_WORDS[finding.kind].format(place=place)}"
    return f"{line} (id {finding.id})" if finding.id else line
