"""One-time codes as steps: each takes the caller's unit, and neither opens, commits nor sends anything."""

from multiproduct.application.otp.budget_refusals import in_budget
from multiproduct.application.otp.code_book import CodeBook
from multiproduct.application.otp.derived_tokens import DerivedTokens
from multiproduct.application.otp.issuing import Issued, Issuing
from multiproduct.application.otp.ports import Challenges, GuessBudgets, OtpUnit, Peppers
from multiproduct.application.otp.purging import OtpPurging
from multiproduct.application.otp.verification import LinkStanding, Verification

__all__ = [
    "Challenges",
    "CodeBook",
    "DerivedTokens",
    "GuessBudgets",
    "Issued",
    "Issuing",
    "LinkStanding",
    "OtpPurging",
    "OtpUnit",
    "Peppers",
    "Verification",
    "in_budget",
]
