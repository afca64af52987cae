"""The audit log: reading it, and the chain that makes changes of it noticed."""

from dataclasses import dataclass

from multiproduct.application.audit.commands import ReadAuditLog, ReadOwnEntries
from multiproduct.application.audit.erasing import AuditErasing
from multiproduct.application.audit.forgetting import AuditForgetting
from multiproduct.application.audit.ports import AuditChain, AuditUnit, ChainKeys, UnsealedTail
from multiproduct.application.audit.queries import AuditQueries
from multiproduct.application.audit.results import AuditEntryView, AuditPage, ChangedField
from multiproduct.application.audit.sealing import AuditSealing
from multiproduct.application.audit.signing import HeadSigning
from multiproduct.application.audit.verifying import AuditVerifying, Verdict
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units

__all__ = [
    "Audit",
    "AuditChain",
    "AuditEntryView",
    "AuditErasing",
    "AuditForgetting",
    "AuditPage",
    "AuditParts",
    "AuditQueries",
    "AuditSealing",
    "AuditUnit",
    "AuditVerifying",
    "ChainKeys",
    "ChangedField",
    "HeadSigning",
    "ReadAuditLog",
    "ReadOwnEntries",
    "UnsealedTail",
    "Verdict",
    "wire_audit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Every use case of the context."""

    queries: AuditQueries
    sealing: AuditSealing
    verifying: AuditVerifying
    erasing: AuditErasing
    forgetting: AuditForgetting


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParts:
    """What the context is made from."""

    units: Units[AuditUnit]
    clock: Clock
    randomness: Randomness
    translator: Translator
    keys: ChainKeys


def wire_audit(parts: AuditParts) -> Audit:
    """Puts the context's use cases together."""
    signing = HeadSigning(keys=parts.keys)
    sealing = AuditSealing(units=parts.units, clock=parts.clock, randomness=parts.randomness, signing=signing)
    return Audit(
        queries=AuditQueries(units=parts.units, clock=parts.clock, translator=parts.translator),
        sealing=sealing,
        verifying=AuditVerifying(units=parts.units, clock=parts.clock, signing=signing),
        erasing=AuditErasing(units=parts.units, sealing=sealing),
        forgetting=AuditForgetting(units=parts.units, clock=parts.clock),
    )
