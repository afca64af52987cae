"""Recipes: how one kind of server is laid out in a private folder, started, and known to be ready."""

import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOG_NAME = "server.log"


class ServerUnavailableError(Exception):
    """This machine lacks a server's programs; the message names what is missing."""


def no_layout(_folder: Path) -> None:
    """For servers that need nothing in their folder beforehand."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One server on one port, as data. Every path handed to it lies in the private folder of that start.

    `lay_out` fills the folder before it is handed to the unprivileged user; the commands of `prepare` run to
    their end as that user; those of `beside` run as long as the server does.
    """

    name: str
    serve: Callable[[Path], Sequence[str]]
    is_ready: Callable[[Path], bool]
    lay_out: Callable[[Path], None] = no_layout
    prepare: Sequence[Callable[[Path], Sequence[str]]] = ()
    beside: Sequence[Callable[[Path], Sequence[str]]] = ()
    environment: Callable[[Path], Mapping[str, str]] = field(default=lambda _folder: {})
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within_seconds: float = 60.0


def log_says(folder: Path, words: str) -> bool:
    """Whether the server has written `words`: unlike its port, its log cannot be another server's."""
    return words in (folder / LOG_NAME).read_text(errors="replace")


def copy_program(source: Path, target: Path) -> None:
    """Copies an executable and makes it executable, whatever an unpacker did to its mode."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755)


def give_to(folder: Path, user: int, group: int) -> None:
    """Makes the user the owner of everything below the folder, which no one else but root may enter."""
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, user, group, follow_symlinks=False)
    os.chown(folder, user, group)
