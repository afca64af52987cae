"""Commands about what the installation keeps: migrate, purge and todos."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import plain_failures
from multiproduct.entrypoints.cli.opening import opened, parts_present, read_settings
from multiproduct.entrypoints.cli.progress import progress

if TYPE_CHECKING:
    from multiproduct.settings import Settings


def migrate() -> None:
    """Bring the database's tables to this version. Running it again changes nothing.

    Example: multiproduct migrate
    """
    with plain_failures():
        from multiproduct.bootstrap import migrate as migrate_store  # noqa: PLC0415 - not for --help

        settings = read_settings()
        with parts_present(), progress("migrating"):
            migrate_store(settings)
        typer.echo("The database has the tables of this version.")


def purge() -> None:
    """Remove expired codes, abandoned registrations and dead sessions now; the scheduler does so hourly.

    Example: multiproduct purge
    """
    with plain_failures():
        with progress("purging"):
            removed = asyncio.run(_purge(read_settings()))
        typer.echo(f"{removed} rows removed.")


def todos(
    *,
    revive: Annotated[
        bool, typer.Option("--revive", help="Make the reactions that were given up on due again.")
    ] = False,
) -> None:
    """Show how many reactions wait or were given up on.

    Examples: multiproduct todos

    multiproduct todos --revive
    """
    with plain_failures():
        asyncio.run(_todos(read_settings(), revived=revive))


async def _purge(settings: "Settings") -> int:
    async with opened(settings) as container:
        return await container.identity.purging.run()


async def _todos(settings: "Settings", *, revived: bool) -> None:
    async with opened(settings) as container:
        now = container.real_time.now()
        if revived:
            typer.echo(f"{await container.todo_queue.revive(now=now)} revived.")
        backlog = await container.todo_queue.backlog(now=now)
    typer.echo(f"{backlog.open} open, {backlog.dead} given up on.")
    if backlog.oldest_due_at is not None:
        waited = max(0, int((now - backlog.oldest_due_at).total_seconds()))
        typer.echo(f"The oldest has been due for {waited} seconds.")
