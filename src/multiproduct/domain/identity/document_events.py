"""What happens to documents. No event holds what a document says, is called, or was rejected for."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _DocumentEvent(Event):
    RESOURCE = "document"

    document_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.document_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSubmitted(_DocumentEvent):
    """A person handed a document in."""

    NAME = "identity.document_submitted"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = False

    document_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReviewed(_DocumentEvent):
    """The staff approved or rejected a document."""

    NAME = "identity.document_reviewed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRemoved(_DocumentEvent):
    """A person took a document back."""

    NAME = "identity.document_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead(_DocumentEvent):
    """Somebody of the staff looked at a person's document."""

    NAME = "identity.document_read"
    ACTION = Action.READ
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRead(Event):
    """Somebody of the staff looked through a person's documents."""

    NAME = "identity.documents_read"
    ACTION = Action.READ
    RESOURCE = "document"
    CONCERNS_SECURITY = False

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


DOCUMENT_EVENTS: tuple[type[Event], ...] = (
    DocumentSubmitted,
    DocumentReviewed,
    DocumentRemoved,
    DocumentRead,
    DocumentsRead,
)
