"""What people ask about documents and consents, checked for shape."""

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from multiproduct.application.identity.commands import Command, Kind


class AnnounceDocument(Command):
    """Says which document is to come; its file is uploaded next."""

    kind: Kind
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]


class ReviewDocument(Command):
    """Approves a document, until a moment where one is given, or rejects it for a reason that its owner
    reads."""

    approve: bool
    reason: Annotated[str, StringConstraints(max_length=500)] | None = None
    valid_until: AwareDatetime | None = None


class WithdrawConsent(Command):
    """Agrees to a kind of text no more."""

    kind: Kind
