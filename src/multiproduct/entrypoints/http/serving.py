"""Serving the application by Granian: the factory that its workers call, and the process that runs them."""

import asyncio
import ctypes
import gc
import logging
import os
import signal
import socket
import sys

from multiproduct.bootstrap import Overrides, build, server_hasher_of, set_up_logs
from multiproduct.entrypoints.http.app import HttpApplication, http_app
from multiproduct.entrypoints.http.live_stream import LiveStream
from multiproduct.settings import Settings

_log = logging.getLogger(__name__)

TARGET = "multiproduct.entrypoints.http.serving:app"
PARENT_VARIABLE = "MULTIPRODUCT_SERVER_PID"
"""Where a server tells its workers its process id."""
WORKERS_VARIABLE = "MULTIPRODUCT_SERVER_WORKERS"
"""Where it tells them how many they are."""

BACKLOG = 4096
"""Connections the kernel may hold before a worker takes them (Linux cuts this at net.core.somaxconn)."""
BACKPRESSURE = 65_536
"""Connections a worker holds open at once; idle kept-alive ones count, so this is far above the requests."""
DRAIN_SECONDS = 30
"""How long a worker may take to finish what is under way after SIGTERM."""

_PR_SET_PDEATHSIG = 1
_YOUNG_OBJECTS = 10_000
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what they stand for is asked


class PortTakenError(RuntimeError):
    """Something answers at the address already. Granian shares ports, so it would not notice by itself."""


def app() -> HttpApplication:
    """What a worker serves: a container of its own, from the settings in the environment."""
    die_with_parent()
    settings = Settings()
    set_up_logs(settings)
    hasher = server_hasher_of(settings, workers=int(os.environ.get(WORKERS_VARIABLE, "1")))
    container = build(settings, overrides=Overrides(hasher=hasher))
    application = http_app(container, owns_container=True, on_start=end_streams_first)
    settle_memory()
    return application


def end_streams_first(streams: LiveStream) -> None:
    """Has SIGTERM close the live streams before Granian hears of it, which would drop them without a word: it
    runs the lifespan's end when the connections are gone already. Granian takes SIGINT for the same, and is
    told by that one afterwards."""
    loop = asyncio.get_running_loop()
    ending: set[asyncio.Task[None]] = set()

    async def end() -> None:
        try:
            await streams.end()
        except Exception:  # noqa: BLE001 - the server has to stop in any case
            _log.exception("live streams could not be closed")
        signal.raise_signal(signal.SIGINT)

    def asked() -> None:
        if not ending:  # the server asks its workers, and whoever stops the server may ask them as well
            ending.add(loop.create_task(end()))

    try:
        loop.add_signal_handler(signal.SIGTERM, asked)
    except (NotImplementedError, RuntimeError, ValueError):
        return  # on Windows, where a worker is ended without being asked, and beside the main thread


def settle_memory() -> None:
    """Takes what start-up made out of the garbage collector's sight. It lives as long as the process, and
    looking through it again and again would cost each request more than its own few objects do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)


def serve(*, host: str, port: int, workers: int = 1) -> None:
    """Serves until SIGTERM or SIGINT, then lets what is under way finish. The workers read the settings from
    the environment. Raises PortTakenError."""
    # Granian is loaded where it serves, not wherever the application is built.
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    refuse_taken_port(host, port)
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    os.environ[WORKERS_VARIABLE] = str(workers)
    Server(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        runtime_threads=1,
        blocking_threads=1,
        loop=Loops.auto,
        http=HTTPModes.http1,
        websockets=True,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve()


def own_url(host: str, port: int) -> str:
    """How a browser on this machine reaches a server that listens there: no browser goes to 0.0.0.0."""
    reached = _WILDCARDS.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def refuse_taken_port(host: str, port: int) -> None:
    """Raises PortTakenError if somebody answers there."""
    try:
        with socket.create_connection((_WILDCARDS.get(host, host), port), timeout=1):
            pass
    except OSError:
        return
    raise PortTakenError(f"port {port} on {host} is taken: something answers there already; choose another")


def die_with_parent() -> None:
    """Has the kernel kill this process when the server that started it dies, however it dies (Linux only).

    A worker that survives its server would hold the port and serve old code.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None or int(parent) == os.getpid() or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):  # it died before the kernel was told
        raise SystemExit(1)
