"""What a person agreed to: which text in which version, when, from where and how, and when no more."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MAX_KINDS = 100
"""That somebody can have agreed to."""


class ConsentSource(StrEnum):
    """How a consent was given or withdrawn."""

    SIGN_UP = "sign_up"
    OWN_ACCOUNT = "own_account"
    TAKEN_OVER = "taken_over"
    """The account went to whoever proved its address: what others agreed to before holds no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedTo:
    """One version of one text, as somebody agrees to it. `kind` is the installation's own word, such as
    `terms` or `marketing.email`."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One line of the log, which is only ever added to. The newest of a kind is what holds; a withdrawn one
    names the version that was withdrawn."""

    id: UUID
    user_id: UUID
    kind: str
    version: str
    is_given: bool
    at: datetime
    source: ConsentSource
    ip: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)
