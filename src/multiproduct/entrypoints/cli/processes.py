"""Commands that run until they are told to stop: serve, worker and scheduler."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import FAILED, Misconfigured, Refused, plain_failures
from multiproduct.entrypoints.cli.opening import begin_logs, opened, parts_present, read_settings

if TYPE_CHECKING:
    from multiproduct.settings import Settings


def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that serve requests.")] = 1,
) -> None:
    """Serve the HTTP API. Without a broker, reactions and scheduled jobs run inside the server too.

    Examples: multiproduct serve

    multiproduct serve --host 0.0.0.0 --port 9000 --workers 2
    """
    with plain_failures():
        settings = read_settings()
        if settings.database_url.startswith("memory:") and workers > 1:
            raise Misconfigured("a database in memory cannot be shared: use --workers 1")
        _require_ready(settings)
        _serve(settings, host, port, workers)


def worker(
    *,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Reactions that one process runs at once.")] = 8,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes, which end together.")] = 1,
) -> None:
    """Run reactions: mails and whatever else leaves the database. SIGTERM lets those under way finish.

    Examples: multiproduct worker

    multiproduct worker --threads 16 --processes 2
    """
    with plain_failures():
        from multiproduct.entrypoints.worker import run_worker  # noqa: PLC0415 - not for --help

        settings = read_settings()
        begin_logs(settings)
        with parts_present():
            code = run_worker(settings, threads=threads, processes=processes)
    raise typer.Exit(code)


def scheduler() -> None:
    """Run scheduled jobs when they are due. Several schedulers may run: each job is done by one.

    Example: multiproduct scheduler
    """
    with plain_failures():
        from multiproduct.entrypoints.worker import run_scheduler  # noqa: PLC0415 - not for --help

        settings = read_settings()
        begin_logs(settings)
        with parts_present():
            code = run_scheduler(settings)
    raise typer.Exit(code)


def _serve(settings: "Settings", host: str, port: int, workers: int) -> None:
    with parts_present():
        from multiproduct.entrypoints.http import serving  # noqa: PLC0415 - likewise

    if "base_url" not in settings.model_fields_set:
        # Links in mails lead back here; the server's workers read it from the environment.
        os.environ["MULTIPRODUCT_BASE_URL"] = serving.own_url(host, port)
    begin_logs(settings)
    try:
        serving.refuse_taken_port(host, port)
        typer.echo(f"serving on {serving.own_url(host, port)} (Ctrl-C ends it)")
        serving.serve(host=host, port=port, workers=workers)
    except serving.PortTakenError as error:
        raise Refused(str(error)) from None


def _require_ready(settings: "Settings") -> None:
    """Raises what keeps the service from starting, before a server is started that nobody can use.

    On Linux another process looks first: what it connects to and reads for that would stay with the server's
    first process, which only watches over the others.
    """
    if not (sys.platform.startswith("linux") and _another_finds_it_ready(settings)):
        asyncio.run(_look(settings))


async def _look(settings: "Settings") -> None:
    async with opened(settings):
        return


def _another_finds_it_ready(settings: "Settings") -> bool:
    """Whether nothing keeps the service from starting. What does is said by whoever looks again."""
    sys.stdout.flush()  # or both would write what waits there
    looking = os.fork()
    if looking == 0:
        code = FAILED
        try:
            asyncio.run(_look(settings))
            code = 0
        finally:
            os._exit(code)  # whatever it was: it must not go on as a second server
    return os.waitstatus_to_exitcode(os.waitpid(looking, 0)[1]) == 0
