"""The settings Granian serves with, for ceiling and product alike, so that a ratio compares only code."""

from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops

BACKLOG = 4096
"""Connections the kernel may hold before the worker takes them (Linux cuts this at net.core.somaxconn)."""

BACKPRESSURE = 65_536
"""Connections a worker holds open at once. Granian counts an idle kept-alive connection too, and its default
(backlog divided by workers) would leave every further client waiting unanswered in a surge."""


def granian_settings(*, port: int, workers: int = 1) -> dict[str, Any]:
    """The keyword arguments of `granian.server.Server`, besides the target: a factory by import string."""
    return {
        "address": "127.0.0.1",
        "port": port,
        "interface": Interfaces.ASGI,
        "factory": True,
        "workers": workers,
        "runtime_threads": 1,
        "blocking_threads": 1,
        "loop": Loops.auto,
        "http": HTTPModes.http1,
        "websockets": False,
        "backlog": BACKLOG,
        "backpressure": BACKPRESSURE,
        "log_access": False,
    }
