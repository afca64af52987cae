"""Why a one-time code was refused; wrong, expired, used and void codes are not told apart."""

from multiproduct.domain.shared import Conflict, MultiproductError, TooManyRequests
from multiproduct.domain.shared.errors import Kind


class InvalidCode(MultiproductError):
    """The code is wrong, expired, used or void."""

    code = "invalid_code"
    kind = Kind.INVALID


class ChallengeIdRequired(Conflict):
    """More than one code is under way for this address, so the answer must name its challenge."""

    code = "challenge_id_required"


class BudgetSpent(TooManyRequests):
    """An address has used up its wrong guesses or resends, or has to wait after a code was guessed to death.

    Who is refused is told no more than by any used-up limit. `subject_key`, the pseudonym of the address, is
    for the audit log.
    """

    def __init__(self, *, scope: str, retry_after: int, subject_key: str) -> None:
        self.subject_key = subject_key
        super().__init__(scope=scope, retry_after=retry_after)
