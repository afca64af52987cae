"""A shelf of JSON files, so that a server and its workers see the same mailbox."""

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from multiproduct.adapters.mailbox.message import MailboxAttachment, MailboxMessage
from multiproduct.adapters.mailbox.shelf import MAX_MESSAGES

_SUFFIX = ".json"
_UNFINISHED = ".part"
_ABANDONED_SECONDS = 60


class FolderShelf:
    """One file a message, for its owner's eyes only, as codes lie in them. The folder is made when needed.

    A name is the order of arrival (nanoseconds) and a digest of channel and id, so a listing need not open
    the files. A file appears whole or not at all; one that another process takes away meanwhile is skipped.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, message: MailboxMessage) -> None:
        """See the protocol. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256(f"{message.channel} {message.id}".encode()).hexdigest()[:32]
        earlier = self._names()
        name = f"{time.time_ns():020d}-{digest}{_SUFFIX}"
        self._write(name, json.dumps(asdict(message), default=_plain, ensure_ascii=False))
        repeated = [each for each in earlier if each.endswith(f"-{digest}{_SUFFIX}")]
        remaining = [each for each in earlier if each not in repeated]
        for each in repeated + remaining[MAX_MESSAGES - 1 :]:
            (self._folder / each).unlink(missing_ok=True)
        self._sweep()

    def newest_first(self) -> Iterator[MailboxMessage]:
        """See the protocol. Reads each file as it is come to."""
        for name in self._names()[:MAX_MESSAGES]:
            with suppress(FileNotFoundError):
                yield _read((self._folder / name).read_text(encoding="utf-8"))

    def _names(self) -> list[str]:
        return sorted((each.name for each in self._folder.glob(f"*{_SUFFIX}")), reverse=True)

    def _write(self, name: str, text: str) -> None:
        unfinished = self._folder / f"{secrets.token_hex(8)}{_UNFINISHED}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.replace(self._folder / name)

    def _sweep(self) -> None:
        """Takes away what a process that died while writing has left."""
        for each in self._folder.glob(f"*{_UNFINISHED}"):
            with suppress(FileNotFoundError):
                if time.time() - each.stat().st_mtime > _ABANDONED_SECONDS:
                    each.unlink()


def _plain(value: datetime | bytes) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def _read(text: str) -> MailboxMessage:
    fields = json.loads(text)
    fields["created_at"] = datetime.fromisoformat(fields["created_at"])
    fields["attachments"] = tuple(
        MailboxAttachment(**{**each, "content": base64.b64decode(each["content"])})
        for each in fields.get("attachments", ())
    )
    return MailboxMessage(**fields)
