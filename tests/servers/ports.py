"""Free loopback ports for servers that cannot pick one themselves."""

import secrets
import socket

from tests.servers.recipes import LOOPBACK

# Below the range that systems hand to outgoing connections (Linux: 32768 and up): there, a client's own port
# could take the place of a stopped server, or a client could even connect to itself.
_FIRST, _LAST = 15_000, 32_000
_TRIES = 200


def free_port() -> int:
    """A port nobody listens on at this moment; the caller must bear losing it to another process."""
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"no free port found in {_TRIES} tries between {_FIRST} and {_LAST}")
