"""Finding the addresses of hosts by the operating system's resolver."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

_AT_ONCE = 64


class SystemHostNames:
    """The `HostNames` port. It has threads of its own, as a name server that does not answer holds one for
    many seconds, and the loop's own are few. They come into being when they are needed."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address, as the system orders them. Raises OSError."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="names")
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Ends the threads, without waiting for a name server."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
