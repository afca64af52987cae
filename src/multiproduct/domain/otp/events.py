"""What happens to one-time codes. No event holds a code, a link token or an address."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChallengeEvent(Event):
    RESOURCE = "challenge"

    challenge_id: UUID
    purpose: str

    @property
    def resource_id(self) -> str:
        return str(self.challenge_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeIssued(_ChallengeEvent):
    """A code is owed to an address: a first one (generation 1) or a newer one that voids the older. A `muted`
    one is not sent, as the address had enough mails."""

    NAME = "otp.challenge_issued"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = False

    channel: str
    generation: int
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeAnswered(_ChallengeEvent):
    """The right code came, for the first and only time."""

    NAME = "otp.challenge_answered"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCodeGiven(_ChallengeEvent):
    """A wrong code was evaluated."""

    NAME = "otp.wrong_code_given"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeVoided(_ChallengeEvent):
    """The last permitted attempt was wrong; no answer is evaluated any more."""

    NAME = "otp.challenge_voided"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRefused(Event):
    """A guess or a request was refused because the address has cost too much already. `subject_key` is its
    pseudonym; `scope` says which of its budgets is used up."""

    NAME = "otp.budget_refused"
    ACTION = Action.REFUSE
    RESOURCE = "code_budget"
    CONCERNS_SECURITY = True

    subject_key: str
    scope: str
    retry_after: int

    @property
    def resource_id(self) -> str:
        return self.subject_key


EVENTS: tuple[type[Event], ...] = (
    ChallengeIssued,
    ChallengeAnswered,
    WrongCodeGiven,
    ChallengeVoided,
    BudgetRefused,
)
