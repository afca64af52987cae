"""Calls to other companies' services over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """One call. `url` is absolute and https, except for addresses of this machine; `timeout` is in seconds,
    for the whole call. Nothing of it is ever logged, the address neither: providers want tokens in theirs."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 10.0
    max_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class WebUnreachable(Exception):
    """No whole answer came in time: no connection, an answer cut off, or one above `max_bytes`. What the
    message says may be logged. `unsent` is whether nothing of the request can have arrived."""

    def __init__(self, message: str = "", *, unsent: bool = False) -> None:
        self.unsent = unsent
        super().__init__(message)


class WebClient(Protocol):
    """Promises: no redirect is followed, no cookie kept, certificates are checked, at most `max_bytes` are
    read, and the call is over after `timeout`. Safe to call from any number of tasks of one loop."""

    async def send(self, request: WebRequest) -> WebAnswer:
        """Calls once. Raises WebUnreachable; any status is an answer."""
        ...
