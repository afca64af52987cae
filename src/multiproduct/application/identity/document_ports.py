"""Where documents and consents are kept, and who looks for malware."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import Document, DocumentState, Scan


class Documents(Protocol):
    """Keeps documents, so that no file is forgotten: its row is there before it, and goes after it."""

    async def add(self, document: Document) -> None:
        """Keeps a new one."""
        ...

    async def find(self, id: UUID) -> Document | None:
        """As it stands, also one that nobody may read."""
        ...

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Document]:
        """A person's, the newest first, without those whose file is not there or that were removed."""
        ...

    async def count(self, user_id: UUID) -> int:
        """How many a person has, also those whose file is awaited; without removed ones."""
        ...

    async def move(self, document: Document, *, from_state: DocumentState, begun_after: datetime) -> bool:
        """Writes the document if the stored one has that state, was not removed, and, where it is unused, has
        been for no longer than since `begun_after`: one conditional statement. False, and nothing logged,
        where a rival was first."""
        ...

    async def remove(self, document: Document) -> bool:
        """Writes that the document was removed, unless it was: one conditional statement. False, and nothing
        logged, where a rival was first."""
        ...

    async def drop_all(self, user_id: UUID, *, now: datetime) -> None:
        """Marks all of a person as removed, and takes their names and reasons out. Logs nothing."""
        ...

    async def unused(self, *, before: datetime, limit: int) -> Sequence[Document]:
        """Those that were unused before the moment, at most `limit`."""
        ...

    async def forget(self, ids: Sequence[UUID], *, before: datetime) -> int:
        """Removes the rows of those that were unused before the moment; answers how many there were."""
        ...


class FileScanner(Protocol):
    """Looks for malware in what strangers upload.

    Promises: answers `not_scanned` where it looked at nothing, and never `clean` for that.
    """

    async def scan(self, content: bytes) -> Scan:
        """What is known of the bytes. Raises FileInfected, and Unavailable where it could not look: then the
        file is not taken."""
        ...


class NoScanner:
    """The `FileScanner` of an installation that has none, which says so with every file."""

    async def scan(self, content: bytes) -> Scan:
        """Nothing is known."""
        del content
        return Scan.NOT_SCANNED
