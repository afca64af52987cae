"""What is answered about documents and consents."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.files import CONTENT_TYPES
from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import Consent, Document, DocumentState, Scan


class DocumentView(Result):
    """A document, without its file. `reason` says why it was rejected."""

    id: UUID
    kind: str
    name: str
    state: DocumentState
    content_type: str | None
    size: int | None
    scan: Scan
    created_at: datetime
    submitted_at: datetime | None
    reviewed_at: datetime | None
    reason: str | None
    valid_until: datetime | None

    @classmethod
    def of(cls, document: Document, *, now: datetime) -> "DocumentView":
        """As it stands at the moment."""
        return cls(
            id=document.id,
            kind=document.kind,
            name=document.name,
            state=document.state_at(now),
            content_type=CONTENT_TYPES[document.format] if document.format else None,
            size=document.size,
            scan=document.scan,
            created_at=document.created_at,
            submitted_at=document.submitted_at,
            reviewed_at=document.reviewed_at,
            reason=document.reason,
            valid_until=document.valid_until,
        )


class DocumentList(Result):
    """A person's documents, the newest first."""

    items: list[DocumentView]

    @classmethod
    def of(cls, documents: Sequence[Document], *, now: datetime) -> "DocumentList":
        """As they stand at the moment."""
        return cls(items=[DocumentView.of(each, now=now) for each in documents])


class ConsentView(Result):
    """One line of the log of what a person agreed to. `is_given` is false for a withdrawal."""

    id: UUID
    kind: str
    version: str
    is_given: bool
    at: datetime
    source: str
    ip: str | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentView":
        """As its owner sees it."""
        return cls(
            id=consent.id,
            kind=consent.kind,
            version=consent.version,
            is_given=consent.is_given,
            at=consent.at,
            source=consent.source.value,
            ip=consent.ip,
        )


class ConsentList(Result):
    """What a person agrees to now (`standing`, the newest line of each kind that was not withdrawn), and the
    log, the newest line first."""

    standing: list[ConsentView]
    log: list[ConsentView]
