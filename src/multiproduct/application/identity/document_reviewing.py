"""What the staff does with people's documents: looks at them, approves and rejects them."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.files import StoredObject
from multiproduct.application.identity.document_commands import ReviewDocument
from multiproduct.application.identity.document_keeping import DocumentFiles
from multiproduct.application.identity.document_results import DocumentList, DocumentView
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.user_reach import another_user
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    Document,
    DocumentRead,
    DocumentSettled,
    DocumentsRead,
    DocumentState,
)
from multiproduct.domain.identity.document import MAX_DOCUMENTS
from multiproduct.domain.identity.roles import DOCUMENTS_READ, DOCUMENTS_REVIEW
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound


class DocumentReviewing:
    """Every look at another's documents is on record before anything is shown. Nobody reviews their own."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, files: DocumentFiles) -> None:
        self._units = units
        self._clock = clock
        self._files = files

    async def of_user(self, user_id: UUID, caller: Caller) -> DocumentList:
        """A person's, the newest first. Needs `identity.document.read`. Raises UnknownUser, OwnAccount."""
        caller.require(DOCUMENTS_READ)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> DocumentList:
            await another_user(unit, user_id, caller)
            found = await unit.documents.of_user(user_id, limit=MAX_DOCUMENTS)
            unit.record(DocumentsRead(occurred_at=now, user_id=user_id))
            await unit.commit()
            return DocumentList.of(found, now=now)

        return await in_unit(lambda: self._units.open(caller), body)

    async def file(self, user_id: UUID, document_id: UUID, caller: Caller) -> StoredObject:
        """The file of one. Needs `identity.document.read`. Raises UnknownUser, OwnAccount, NotFound,
        NotConfigured, Unavailable."""
        caller.require(DOCUMENTS_READ)

        async def body(unit: IdentityUnit) -> Document:
            document = await self._of(unit, user_id, document_id, caller)
            unit.record(DocumentRead(occurred_at=self._clock.now(), document_id=document_id, user_id=user_id))
            await unit.commit()
            return document

        return await self._files.read(await in_unit(lambda: self._units.open(caller), body))

    async def review(
        self, user_id: UUID, document_id: UUID, command: ReviewDocument, caller: Caller
    ) -> DocumentView:
        """Approves or rejects one that was submitted, once. Needs `identity.document.review`. Raises
        UnknownUser, OwnAccount, NotFound, DocumentSettled, InvalidInput."""
        caller.require(DOCUMENTS_REVIEW)
        reason = _reason(command)
        now, by = self._clock.now(), caller.principal.user_id

        async def body(unit: IdentityUnit) -> DocumentView:
            document = await self._of(unit, user_id, document_id, caller)
            if command.approve:
                document.approved(by=by, valid_until=command.valid_until, now=now)
            else:
                document.rejected(by=by, reason=reason, now=now)
            if not await unit.documents.move(document, from_state=DocumentState.SUBMITTED, begun_after=now):
                raise DocumentSettled
            await unit.commit()
            return DocumentView.of(document, now=now)

        return await in_unit(lambda: self._units.open(caller), body)

    def check_review(self, command: ReviewDocument, findings: InputFindings) -> None:
        """Adds what `review` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: _reason(command), "approve", "reason", "valid_until")

    @staticmethod
    async def _of(unit: IdentityUnit, user_id: UUID, document_id: UUID, caller: Caller) -> Document:
        await another_user(unit, user_id, caller)
        document = await unit.documents.find(document_id)
        if document is None or document.user_id != user_id or document.unused_since is not None:
            raise NotFound
        return document


def _reason(command: ReviewDocument) -> str:
    """Why it is rejected; nothing for one that is approved. Raises InvalidInput."""
    reason = (command.reason or "").strip()
    if command.approve is False and not reason:
        raise InvalidInput(FieldProblem("reason", "required"))
    if command.approve is False and command.valid_until is not None:
        raise InvalidInput(FieldProblem("valid_until", "not_allowed"))
    return reason
