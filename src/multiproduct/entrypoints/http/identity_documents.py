"""The endpoints of documents, one's own and others', and of what people agree to."""

from collections.abc import Sequence

from multiproduct.application.identity import (
    AnnounceDocument,
    ConsentList,
    ConsentView,
    DocumentList,
    DocumentView,
    Done,
    GiveConsent,
    ReviewDocument,
    WithdrawConsent,
)
from multiproduct.bootstrap import Container
from multiproduct.domain.files import FileInfected, FileTooLarge, NotADocument
from multiproduct.domain.identity import (
    DocumentSettled,
    OwnAccount,
    TooManyConsents,
    TooManyDocuments,
    UnknownUser,
)
from multiproduct.domain.identity.roles import (
    DOCUMENTS_READ,
    DOCUMENTS_REVIEW,
    OWN_PROFILE_READ,
    OWN_PROFILE_UPDATE,
)
from multiproduct.domain.shared import NotConfigured, NotFound, StaleAggregate, TooManyRequests
from multiproduct.entrypoints.http.endpoints import Access, Call, Endpoint, Upload
from multiproduct.entrypoints.http.files import FileView
from multiproduct.entrypoints.http.refusals import Malformed

_BASE = "/api/v1/identity"
_MINE = f"{_BASE}/me/documents"
_ONE = f"{_MINE}/{{document_id}}"
_THEIRS = f"{_BASE}/users/{{user_id}}/documents"
_CONSENTS = f"{_BASE}/me/consents"
_DOCUMENTS_TAG, _CONSENTS_TAG = "Documents", "Consents"
_TYPES = ("application/pdf", "image/png", "image/jpeg")


async def _own_file(container: Container, _command: object, call: Call) -> FileView:
    found = await container.identity.documents.file(call.ids["document_id"], call.caller)
    return FileView(content=found.content, content_type=found.content_type)


async def _their_file(container: Container, _command: object, call: Call) -> FileView:
    found = await container.identity.document_reviews.file(
        call.ids["user_id"], call.ids["document_id"], call.caller
    )
    return FileView(content=found.content, content_type=found.content_type)


_OWN: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=_MINE,
        name="document.announce",
        tag=_DOCUMENTS_TAG,
        summary="Announce a document",
        description="Its file is uploaded next, within ten minutes. `kind` is a word of the installation's "
        "own, such as `trade_licence`.",
        handler=lambda container, command, call: container.identity.documents.announce(command, call.caller),
        command=AnnounceDocument,
        result=DocumentView,
        status=201,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotConfigured, TooManyDocuments, StaleAggregate),
    ),
    Endpoint(
        method="PUT",
        path=f"{_ONE}/file",
        name="document.upload",
        tag=_DOCUMENTS_TAG,
        summary="Upload the file of a document",
        description="A PDF, PNG or JPEG, as the body or as the part `file` of a form. What it is, is found "
        "by looking at it. Once it is there the document waits for its review, and its file stays as it is: "
        "another file is another document.",
        handler=lambda container, content, call: container.identity.documents.upload(
            call.ids["document_id"], content, call.caller
        ),
        upload=Upload(
            field="file", media_types=_TYPES, max_bytes=lambda settings: settings.document_max_bytes
        ),
        result=DocumentView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=(
            NotFound,
            NotADocument,
            FileInfected,
            FileTooLarge,
            Malformed,
            DocumentSettled,
            NotConfigured,
            StaleAggregate,
            TooManyRequests,
        ),
    ),
    Endpoint(
        method="GET",
        path=_MINE,
        name="document.list",
        tag=_DOCUMENTS_TAG,
        summary="See one's own documents",
        handler=lambda container, _command, call: container.identity.documents.mine(call.caller),
        result=DocumentList,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="document.read",
        tag=_DOCUMENTS_TAG,
        summary="See one of one's own documents",
        handler=lambda container, _command, call: container.identity.documents.one(
            call.ids["document_id"], call.caller
        ),
        result=DocumentView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/file",
        name="document.file",
        tag=_DOCUMENTS_TAG,
        summary="Read the file of one's own document",
        handler=_own_file,
        result=FileView,
        file_types=_TYPES,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
        errors=(NotFound, NotConfigured),
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        name="document.remove",
        tag=_DOCUMENTS_TAG,
        summary="Take a document back",
        description="Nobody can read it from now on; its file is removed within two hours.",
        handler=lambda container, _command, call: container.identity.documents.remove(
            call.ids["document_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        message="message.document_removed",
        scope="default",
        errors=(NotFound,),
    ),
)

_REVIEW: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=_THEIRS,
        name="user_document.list",
        tag=_DOCUMENTS_TAG,
        summary="See somebody's documents",
        description="That they were looked at is of record.",
        handler=lambda container, _command, call: container.identity.document_reviews.of_user(
            call.ids["user_id"], call.caller
        ),
        result=DocumentList,
        access=Access.SIGNED_IN,
        permission=DOCUMENTS_READ,
        scope="default",
        errors=(UnknownUser, OwnAccount),
    ),
    Endpoint(
        method="GET",
        path=f"{_THEIRS}/{{document_id}}/file",
        name="user_document.file",
        tag=_DOCUMENTS_TAG,
        summary="Read the file of somebody's document",
        description="That it was looked at is of record.",
        handler=_their_file,
        result=FileView,
        file_types=_TYPES,
        access=Access.SIGNED_IN,
        permission=DOCUMENTS_READ,
        scope="default",
        errors=(UnknownUser, OwnAccount, NotFound, NotConfigured),
    ),
    Endpoint(
        method="POST",
        path=f"{_THEIRS}/{{document_id}}/review",
        name="user_document.review",
        tag=_DOCUMENTS_TAG,
        summary="Approve or reject a document",
        description="Once. An approval may end at `valid_until`; a rejection needs a `reason`, which the "
        "owner reads.",
        handler=lambda container, command, call: container.identity.document_reviews.review(
            call.ids["user_id"], call.ids["document_id"], command, call.caller
        ),
        command=ReviewDocument,
        check=lambda container, command, found: container.identity.document_reviews.check_review(
            command, found
        ),
        result=DocumentView,
        access=Access.SIGNED_IN,
        permission=DOCUMENTS_REVIEW,
        scope="default",
        errors=(UnknownUser, OwnAccount, NotFound, DocumentSettled),
    ),
)

_AGREED: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=_CONSENTS,
        name="consent.list",
        tag=_CONSENTS_TAG,
        summary="See what one agrees to",
        description="With the log of what was agreed to and withdrawn: its newest 200 lines.",
        handler=lambda container, _command, call: container.identity.consents.mine(call.caller),
        result=ConsentList,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=_CONSENTS,
        name="consent.give",
        tag=_CONSENTS_TAG,
        summary="Agree to a version of a text",
        description="`kind` is a word of the installation's own, such as `terms` or `marketing.email`. "
        "Agreeing again changes nothing.",
        handler=lambda container, command, call: container.identity.consents.give(command, call.caller),
        command=GiveConsent,
        result=ConsentView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(TooManyConsents, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_CONSENTS}/withdraw",
        name="consent.withdraw",
        tag=_CONSENTS_TAG,
        summary="Agree to a kind of text no more",
        handler=lambda container, command, call: container.identity.consents.withdraw(command, call.caller),
        command=WithdrawConsent,
        result=ConsentView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotFound, StaleAggregate),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_OWN, *_REVIEW, *_AGREED)
"""Every row."""
