"""The audit log's chain: what makes a change of the log noticed."""

from multiproduct.domain.audit.canonical_form import (
    SALT_BYTES,
    SEAL_VERSION,
    AuditRecord,
    canonical_form,
    personal_digest,
    sealed_form,
)
from multiproduct.domain.audit.chain import GENESIS, ChainHead, Mark, Seal, link, read_mark, seals_of
from multiproduct.domain.audit.errors import HeadNotGenuine
from multiproduct.domain.audit.events import EVENTS, AuditRead
from multiproduct.domain.audit.permissions import AUDIT_READ
from multiproduct.domain.audit.strangers import STRANGERS_KEPT, STRANGERS_MARGIN, is_of_stranger
from multiproduct.domain.audit.verification import (
    ERASURE,
    MAX_FINDINGS,
    ChainCheck,
    Finding,
    FindingKind,
    HeadStanding,
    SealedRow,
)

__all__ = [
    "AUDIT_READ",
    "ERASURE",
    "EVENTS",
    "GENESIS",
    "MAX_FINDINGS",
    "SALT_BYTES",
    "SEAL_VERSION",
    "STRANGERS_KEPT",
    "STRANGERS_MARGIN",
    "AuditRead",
    "AuditRecord",
    "ChainCheck",
    "ChainHead",
    "Finding",
    "FindingKind",
    "HeadNotGenuine",
    "HeadStanding",
    "Mark",
    "Seal",
    "SealedRow",
    "canonical_form",
    "is_of_stranger",
    "link",
    "personal_digest",
    "read_mark",
    "sealed_form",
    "seals_of",
]
