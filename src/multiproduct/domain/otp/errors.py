"""Why a one-time code was refused; wrong, expired, used and void codes are not told apart."""

from multiproduct.domain.shared import Conflict, MultiproductError
from multiproduct.domain.shared.errors import Kind


class InvalidCode(MultiproductError):
    """The code is wrong, expired, used or void."""

    code = "invalid_code"
    kind = Kind.INVALID


class ChallengeIdRequired(Conflict):
    """More than one code is under way for this address, so the answer must name its challenge."""

    code = "challenge_id_required"
