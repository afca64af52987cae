"""Commands that run until they are told to stop: serve, worker and scheduler."""

import asyncio
import os
import sys
import traceback
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

    On Linux another process looks: what it connects to and reads for that would stay with the server's first
    process, which only watches over the others.
    """
    if not sys.platform.startswith("linux"):
        asyncio.run(_look(settings))
        return
    sys.stdout.flush()  # or both would write what waits there
    looking = os.fork()
    if looking == 0:
        os._exit(_looked(settings))
    code = os.waitstatus_to_exitcode(os.waitpid(looking, 0)[1])
    if code != 0:
        raise typer.Exit(code if code > 0 else FAILED)


async def _look(settings: "Settings") -> None:
    async with opened(settings):
        return


def _looked(settings: "Settings") -> int:
    """The exit code; what keeps the service from starting was said."""
    try:
        with plain_failures():
            asyncio.run(_look(settings))
    except typer.Exit as failure:
        return failure.exit_code
    except BaseException:  # noqa: BLE001 - it must not go on as a second server
        traceback.print_exc()
        return FAILED
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
