"""A document that somebody hands in, such as a licence, and what became of its review."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.identity.document_events import (
    DocumentRemoved,
    DocumentReviewed,
    DocumentSubmitted,
)
from multiproduct.domain.identity.errors import DocumentSettled
from multiproduct.domain.shared import Aggregate, FieldProblem, InvalidInput

MAX_DOCUMENTS = 50
"""Of a person."""
TIME_TO_UPLOAD = timedelta(minutes=10)
KEPT_UNUSED = timedelta(hours=1)
"""Longer than an upload takes, so that no file is removed while somebody writes it."""

_PDF, _PNG, _JPEG = "pdf", "png", "jpg"
_SIGNATURES = ((b"%PDF-1.", _PDF), (b"%PDF-2.", _PDF), (b"\x89PNG\r\n\x1a\n", _PNG), (b"\xff\xd8\xff", _JPEG))


class DocumentState(StrEnum):
    """How far a document has come."""

    AWAITED = "awaited"
    """Its file has not come."""
    UPLOADING = "uploading"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """It was approved until a moment that is over. Told by the clock, never stored."""


class Scan(StrEnum):
    """What is known of malware in a file."""

    NOT_SCANNED = "not_scanned"
    """The installation has no scanner."""
    CLEAN = "clean"


@dataclass(slots=True, kw_only=True)
class Document(Aggregate):
    """Belongs to one person. Its file is written once: another file is another document, so that what was
    reviewed is what is there.

    `format` is the ending of the file's key, found by looking at the file. `unused_since` is set while nobody
    may read it: before its file is there, and after it was removed. The row outlives the person, as it stands
    for a file that has to be removed.
    """

    id: UUID
    user_id: UUID
    kind: str
    name: str = field(repr=False)
    created_at: datetime
    unused_since: datetime | None
    state: DocumentState = DocumentState.AWAITED
    format: str | None = None
    size: int | None = None
    scan: Scan = Scan.NOT_SCANNED
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: UUID | None = None
    reason: str | None = field(default=None, repr=False)
    valid_until: datetime | None = None

    @classmethod
    def announce(cls, *, id: UUID, user_id: UUID, kind: str, name: str, now: datetime) -> "Document":
        """One whose file is to come."""
        return cls(id=id, user_id=user_id, kind=kind, name=name, created_at=now, unused_since=now)

    def state_at(self, now: datetime) -> DocumentState:
        """How far it has come at the moment. Validity is half-open: at `valid_until` it is over."""
        is_over = self.valid_until is not None and now >= self.valid_until
        return DocumentState.EXPIRED if self.state is DocumentState.APPROVED and is_over else self.state

    def uploading(self, *, format: str, size: int, scan: Scan, now: datetime) -> None:
        """Its file is about to be written. Raises DocumentSettled where one was."""
        if self.state is not DocumentState.AWAITED:
            raise DocumentSettled
        self.state, self.format, self.size, self.scan = DocumentState.UPLOADING, format, size, scan
        self.unused_since = now

    def submitted(self, *, now: datetime) -> None:
        """Its file is there, and it waits for its review."""
        self.state, self.submitted_at, self.unused_since = DocumentState.SUBMITTED, now, None
        self._record(
            DocumentSubmitted(
                occurred_at=now, document_id=self.id, user_id=self.user_id, document_kind=self.kind
            )
        )

    def approved(self, *, by: UUID | None, valid_until: datetime | None, now: datetime) -> None:
        """The staff took it. Raises DocumentSettled where it was reviewed, InvalidInput for a validity that
        is over."""
        if valid_until is not None and valid_until <= now:
            raise InvalidInput(FieldProblem("valid_until", "not_in_the_future"))
        self._review(DocumentState.APPROVED, by=by, now=now)
        self.valid_until = valid_until

    def rejected(self, *, by: UUID | None, reason: str, now: datetime) -> None:
        """The staff did not take it. Raises DocumentSettled where it was reviewed."""
        self._review(DocumentState.REJECTED, by=by, now=now)
        self.reason = reason

    def removed(self, *, now: datetime) -> None:
        """Nobody may read it any more; its file goes with the next purge."""
        self.unused_since = now
        self._record(DocumentRemoved(occurred_at=now, document_id=self.id, user_id=self.user_id))

    def _review(self, state: DocumentState, *, by: UUID | None, now: datetime) -> None:
        if self.state is not DocumentState.SUBMITTED:
            raise DocumentSettled
        self.state, self.reviewed_at, self.reviewed_by = state, now, by
        self._record(
            DocumentReviewed(
                occurred_at=now, document_id=self.id, user_id=self.user_id, outcome=self.state.value
            )
        )


def file_key(document: Document) -> str:
    """Where the file lies. Raises ValueError before one is about to be written."""
    if document.format is None:
        raise ValueError("a document without a file has no key")
    return f"documents/{document.id}.{document.format}"


def format_of(content: bytes) -> str | None:
    """`pdf`, `png` or `jpg`, by what the bytes begin with; None for anything else."""
    return next((name for signature, name in _SIGNATURES if content.startswith(signature)), None)
