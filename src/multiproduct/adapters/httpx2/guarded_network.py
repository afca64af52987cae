"""How connections are made to receivers: only to addresses that somebody checked a moment before."""

from collections.abc import Awaitable, Callable, Iterable

import httpcore2
from httpcore2 import SOCKET_OPTION, AsyncNetworkBackend, AsyncNetworkStream

Checked = Callable[[str, int], Awaitable[Iterable[str]]]
"""The addresses of a host that may be connected to. Raises where there is one that may not."""


class _GuardedNetwork(AsyncNetworkBackend):
    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._plain = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's interface
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connects to the first checked address that answers. The name is not looked up again."""
        failure: Exception = httpcore2.ConnectError("no address")
        for address in await self._checked(host, port):
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's interface
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """No receiver is a file."""
        del path, timeout, socket_options
        raise httpcore2.UnsupportedProtocol("receivers are called over the network")

    async def sleep(self, seconds: float) -> None:
        """As the library wants it."""
        await self._plain.sleep(seconds)


def guarded_network(checked: Checked) -> AsyncNetworkBackend:
    """A network that asks before it connects."""
    return _GuardedNetwork(checked)
