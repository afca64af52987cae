"""Judging an answer to a one-time code."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.application.otp.code_book import CodeBook
from multiproduct.application.otp.ports import OtpUnit
from multiproduct.domain.otp import Challenge, ChallengeIdRequired, Purpose


class LinkStanding(StrEnum):
    """What became of a mail's link."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    """Its time is over, or it was revoked."""
    UNKNOWN = "unknown"
    """Nobody was sent it, a newer one took its place, or what it was for is forgotten."""


class Verification:
    """Steps that judge an answer exactly once, under any concurrency."""

    def __init__(self, *, code_book: CodeBook) -> None:
        self._code_book = code_book

    async def verify(
        self, unit: OtpUnit, *, challenge_id: UUID | None, purpose: Purpose, proof: str, now: datetime
    ) -> Challenge | None:
        """The challenge, consumed, if the proof is right; None if it is wrong or the challenge is over.

        None is an outcome to be committed, so that the attempt stays counted; an effect that fails afterwards
        rolls the consumption back with it. Raises TooManyRequests when the address' guesses are used up.
        """
        if challenge_id is None:
            return None
        challenge = await unit.challenges.take_attempt(challenge_id, purpose, now=now)
        if challenge is None:
            return None
        budget = await unit.guess_budgets.hold(self._code_book.subject_key(challenge.subject))
        budget.admit_guess(now=now)
        if self._code_book.is_right(challenge, proof):
            challenge.answered_right(now=now)
            return challenge if await unit.challenges.consume(challenge) else None
        budget.guessed_wrong(now=now)
        if challenge.answered_wrong(now=now):
            budget.voided(now=now)
        await unit.guess_budgets.save(budget)
        await unit.challenges.void(challenge)
        return None

    async def verify_link(
        self, unit: OtpUnit, *, challenge_id: UUID | None, purpose: Purpose, token: str, now: datetime
    ) -> Challenge | None:
        """Like `verify`, for the mail's link token. Its 128 bits need no counting, so neither wrong codes nor
        a used-up budget keep the owner of the mailbox out."""
        challenge = await self._of_link(unit, challenge_id, purpose, token)
        if challenge is None or not challenge.takes_link(now=now):
            return None
        challenge.answered_right(now=now)
        return challenge if await unit.challenges.consume(challenge) else None

    async def link_standing(
        self, unit: OtpUnit, *, challenge_id: UUID | None, purpose: Purpose, token: str, now: datetime
    ) -> LinkStanding:
        """What `verify_link` would find. Changes nothing; only whoever holds the right token learns more than
        that it is unknown."""
        challenge = await self._of_link(unit, challenge_id, purpose, token)
        if challenge is None:
            return LinkStanding.UNKNOWN
        if challenge.used_at is not None:
            return LinkStanding.USED
        return LinkStanding.GOOD if challenge.takes_link(now=now) else LinkStanding.EXPIRED

    async def _of_link(
        self, unit: OtpUnit, challenge_id: UUID | None, purpose: Purpose, token: str
    ) -> Challenge | None:
        challenge = await unit.challenges.find(challenge_id) if challenge_id is not None else None
        if challenge is None or challenge.purpose is not purpose:
            return None
        return challenge if self._code_book.is_right_link(challenge, token) else None

    async def only_live(
        self, unit: OtpUnit, *, purpose: Purpose, subject: str, now: datetime
    ) -> Challenge | None:
        """The one live challenge of an address, or None. Raises ChallengeIdRequired when there are more."""
        live = await unit.challenges.live(purpose, subject, now=now)
        if len(live) > 1:
            raise ChallengeIdRequired
        return live[0] if live else None
