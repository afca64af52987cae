"""One-time codes: issued to an address, answered at most five times, good for once."""

from multiproduct.domain.otp.challenge import Challenge, Channel, OtpPolicy, Purpose
from multiproduct.domain.otp.derivation import derive_code, derive_link_token, derive_subject_key
from multiproduct.domain.otp.errors import BudgetSpent, ChallengeIdRequired, InvalidCode
from multiproduct.domain.otp.events import (
    EVENTS,
    BudgetRefused,
    ChallengeAnswered,
    ChallengeIssued,
    ChallengeVoided,
    WrongCodeGiven,
)
from multiproduct.domain.otp.guess_budget import Asker, GuessBudget

__all__ = [
    "EVENTS",
    "Asker",
    "BudgetRefused",
    "BudgetSpent",
    "Challenge",
    "ChallengeAnswered",
    "ChallengeIdRequired",
    "ChallengeIssued",
    "ChallengeVoided",
    "Channel",
    "GuessBudget",
    "InvalidCode",
    "OtpPolicy",
    "Purpose",
    "WrongCodeGiven",
    "derive_code",
    "derive_link_token",
    "derive_subject_key",
]
