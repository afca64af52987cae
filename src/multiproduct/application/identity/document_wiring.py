"""Puts documents and consents together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.consent_keeping import ConsentKeeping, ConsentLog
from multiproduct.application.identity.document_keeping import DocumentFiles, DocumentKeeping
from multiproduct.application.identity.document_purging import DocumentPurging
from multiproduct.application.identity.document_reviewing import DocumentReviewing

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


def document_keeping(parts: "IdentityParts") -> DocumentKeeping:
    """A person's own documents."""
    return DocumentKeeping(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        files=_files(parts),
        throttle=parts.throttle,
    )


def document_reviewing(parts: "IdentityParts") -> DocumentReviewing:
    """What the staff does with them."""
    return DocumentReviewing(units=parts.units, clock=parts.clock, files=_files(parts))


def document_purging(parts: "IdentityParts") -> DocumentPurging:
    """Removing files."""
    return DocumentPurging(units=parts.units, clock=parts.clock, storage=parts.storage)


def consent_keeping(parts: "IdentityParts", log: ConsentLog) -> ConsentKeeping:
    """What people agree to."""
    return ConsentKeeping(units=parts.units, clock=parts.clock, log=log)


def _files(parts: "IdentityParts") -> DocumentFiles:
    return DocumentFiles(storage=parts.storage, scanner=parts.scanner, max_bytes=parts.document_max_bytes)
