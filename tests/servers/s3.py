"""A storage that speaks S3 on this machine: moto, in threads of the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from tests.servers.recipes import LOOPBACK, ServerUnavailableError


@contextmanager
def s3_server() -> Iterator[str]:
    """The server's address; it is empty. Raises ServerUnavailableError."""
    for name in ("moto", "flask", "flask_cors"):
        if find_spec(name) is None:
            raise ServerUnavailableError(f"no S3: needs {name} (pip install 'multiproduct[dev]')")
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - only where it is there

    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
