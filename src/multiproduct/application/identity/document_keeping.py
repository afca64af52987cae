"""A person's own documents: announced, uploaded, seen, taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.files import ObjectStorage, StoredObject
from multiproduct.application.identity.document_commands import AnnounceDocument
from multiproduct.application.identity.document_ports import FileScanner
from multiproduct.application.identity.document_results import DocumentList, DocumentView
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import own_account, present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.files import FileTooLarge, NotADocument
from multiproduct.domain.identity import (
    Document,
    DocumentSettled,
    DocumentState,
    Scan,
    TooManyDocuments,
)
from multiproduct.domain.identity.document import MAX_DOCUMENTS, TIME_TO_UPLOAD, file_key, format_of
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotConfigured, NotFound, Unavailable

_WHAT = "documents"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    format: str
    scan: Scan


class DocumentFiles:
    """Where the files of documents lie, and what may lie there."""

    def __init__(self, *, storage: ObjectStorage | None, scanner: FileScanner, max_bytes: int) -> None:
        """`storage` is None where the installation has no package for it."""
        self._storage = storage
        self._scanner = scanner
        self._max_bytes = max_bytes

    def kept(self) -> ObjectStorage:
        """Raises NotConfigured."""
        if self._storage is None:
            raise NotConfigured(what=_WHAT)
        return self._storage

    async def judged(self, content: bytes) -> _File:
        """The bytes, once they are known to be what may be kept. What a client calls them is not asked for.
        Raises FileTooLarge, NotADocument, FileInfected, Unavailable."""
        if len(content) > self._max_bytes:
            raise FileTooLarge(max=self._max_bytes)
        found = format_of(content)
        if found is None:
            raise NotADocument
        return _File(content, found, await self._scanner.scan(content))

    async def read(self, document: Document) -> StoredObject:
        """The file of a document that can be read. Raises NotFound, NotConfigured, Unavailable."""
        found = await self.kept().get(file_key(document)) if document.format else None
        if found is None:
            raise NotFound
        return found


class DocumentKeeping:
    """Everybody sees to their own. The row is there before the file, and the file is written by whoever moved
    the row on: of two who upload at once one writes."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        files: DocumentFiles,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._files = files
        self._throttle = throttle

    async def announce(self, command: AnnounceDocument, caller: Caller) -> DocumentView:
        """Makes a document whose file is to come within ten minutes. Raises Unauthenticated, NotConfigured,
        TooManyDocuments."""
        user_id, now = self._owner(caller, OWN_PROFILE_UPDATE), self._clock.now()
        self._files.kept()
        document = Document.announce(
            id=self._ids.for_user(), user_id=user_id, kind=command.kind, name=command.name, now=now
        )

        async def body(unit: IdentityUnit) -> DocumentView:
            await own_account(unit, user_id, now=now)
            if await unit.documents.count(user_id) >= MAX_DOCUMENTS:
                raise TooManyDocuments(max=MAX_DOCUMENTS)
            await unit.documents.add(document)
            await unit.commit()
            return DocumentView.of(document, now=now)

        return await in_unit(lambda: self._units.open(caller), body)

    async def upload(self, document_id: UUID, content: bytes, caller: Caller) -> DocumentView:
        """Keeps the file of an announced document, and submits it for review.

        Raises Unauthenticated, NotFound, NotConfigured, DocumentSettled, FileTooLarge, NotADocument,
        FileInfected, TooManyRequests, Unavailable.
        """
        user_id = self._owner(caller, OWN_PROFILE_UPDATE)
        storage = self._files.kept()
        await self._throttle.admit("upload", caller)
        file = await self._files.judged(content)
        document = await in_unit(
            lambda: self._units.open(caller), lambda unit: self._begin(unit, document_id, user_id, file)
        )
        await storage.put(file_key(document), file.content)
        return await in_unit(
            lambda: self._units.open(caller), lambda unit: self._submit(unit, document_id, user_id)
        )

    async def mine(self, caller: Caller) -> DocumentList:
        """The caller's, the newest first. Raises Unauthenticated."""
        user_id = self._owner(caller, OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            found = await view.documents.of_user(user_id, limit=MAX_DOCUMENTS)
        return DocumentList.of(found, now=self._clock.now())

    async def one(self, document_id: UUID, caller: Caller) -> DocumentView:
        """One of the caller's. Raises Unauthenticated, NotFound."""
        return DocumentView.of(await self._readable(document_id, caller), now=self._clock.now())

    async def file(self, document_id: UUID, caller: Caller) -> StoredObject:
        """Its file. Raises Unauthenticated, NotFound, NotConfigured, Unavailable."""
        return await self._files.read(await self._readable(document_id, caller))

    async def remove(self, document_id: UUID, caller: Caller) -> Done:
        """Takes a document back, whatever its state; the file is gone within two hours. Raises
        Unauthenticated, NotFound."""
        user_id, now = self._owner(caller, OWN_PROFILE_UPDATE), self._clock.now()

        async def body(unit: IdentityUnit) -> Done:
            await present_user(unit, user_id)
            document = await unit.documents.find(document_id)
            if document is None or document.user_id != user_id:
                raise NotFound
            document.removed(now=now)
            if not await unit.documents.remove(document):
                raise NotFound
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    def _owner(self, caller: Caller, permission: str) -> UUID:
        user_id = caller.require_user()
        caller.require(permission)
        return user_id

    async def _begin(self, unit: IdentityUnit, document_id: UUID, user_id: UUID, file: _File) -> Document:
        now = self._clock.now()
        document = await self._own(unit, document_id, user_id, now)
        document.uploading(format=file.format, size=len(file.content), scan=file.scan, now=now)
        await self._move(unit, document, DocumentState.AWAITED, now)
        await unit.commit()
        return document

    async def _submit(self, unit: IdentityUnit, document_id: UUID, user_id: UUID) -> DocumentView:
        now = self._clock.now()
        document = await self._own(unit, document_id, user_id, now)
        document.submitted(now=now)
        if not await unit.documents.move(
            document, from_state=DocumentState.UPLOADING, begun_after=now - TIME_TO_UPLOAD
        ):
            raise Unavailable(what="media")  # it took so long that the purge may have come by
        await unit.commit()
        return DocumentView.of(document, now=now)

    @staticmethod
    async def _own(unit: IdentityUnit, document_id: UUID, user_id: UUID, now: datetime) -> Document:
        # The user is written, so that of an upload and an erasure at once one is decided anew.
        await own_account(unit, user_id, now=now)
        document = await unit.documents.find(document_id)
        if document is None or document.user_id != user_id:
            raise NotFound
        return document

    @staticmethod
    async def _move(unit: IdentityUnit, document: Document, state: DocumentState, now: datetime) -> None:
        if not await unit.documents.move(document, from_state=state, begun_after=now - TIME_TO_UPLOAD):
            # Removed, or its time is over, or a rival was first.
            stored = await unit.documents.find(document.id)
            raise NotFound if stored is None or stored.state is state else DocumentSettled

    async def _readable(self, document_id: UUID, caller: Caller) -> Document:
        user_id = self._owner(caller, OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            document = await view.documents.find(document_id)
        if document is None or document.user_id != user_id or document.unused_since is not None:
            raise NotFound
        return document
