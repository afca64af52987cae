"""Issuing one-time codes, and sending newer ones in their place."""

from dataclasses import dataclass
from datetime import datetime

from multiproduct.application.otp.code_book import CodeBook
from multiproduct.application.otp.ports import OtpUnit
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.otp import Asker, Challenge, Channel, InvalidCode, OtpPolicy, Purpose
from multiproduct.domain.shared import StaleAggregate


@dataclass(frozen=True, slots=True)
class Issued:
    """A challenge, and the seconds after which a newer code may be asked for."""

    challenge: Challenge
    resend_after: int


class Issuing:
    """Steps that leave a challenge whose code is owed to an address. The mail follows by a deferred
    reaction."""

    def __init__(self, *, ids: Ids, code_book: CodeBook, policy: OtpPolicy) -> None:
        self._ids = ids
        self._code_book = code_book
        self._policy = policy

    async def issue(
        self,
        unit: OtpUnit,
        *,
        purpose: Purpose,
        channel: Channel,
        subject: str,
        address: str,
        now: datetime,
        asker: Asker = Asker.ANYBODY,
    ) -> Issued:
        """A new challenge. Never voids another one. Raises TooManyRequests while the address has to wait."""
        budget = await unit.guess_budgets.hold(self._code_book.subject_key(subject))
        budget.admit_challenge(now=now)
        muted = not budget.sent(purpose, now=now, asker=asker)
        await unit.guess_budgets.save(budget)
        challenge = Challenge.issue(
            id=self._ids.next(),
            purpose=purpose,
            channel=channel,
            subject=subject,
            address=address,
            locale=unit.caller.locale,
            key_id=self._code_book.key_id,
            policy=self._policy,
            muted=muted,
            now=now,
        )
        await unit.challenges.add(challenge)
        return Issued(challenge, budget.resend_cool_down(now=now))

    async def reissue(
        self, unit: OtpUnit, challenge: Challenge, *, now: datetime, asker: Asker = Asker.ANYBODY
    ) -> Issued:
        """A newer code for the same challenge; the older one is void from now on.

        Raises InvalidCode for a challenge that is over, StaleAggregate when a rival renewed it just now,
        TooManyRequests within the limits of resending.
        """
        challenge.renewed()
        # The challenge is held before the budget, in the same order as a verification takes them.
        if not await unit.challenges.renew(challenge, now=now):
            found = await unit.challenges.find(challenge.id)
            if found is None or not found.is_live(now=now):
                raise InvalidCode
            raise StaleAggregate
        resend_after, muted = await self._count_resend(
            unit, challenge.subject, challenge.purpose, now=now, asker=asker
        )
        challenge.owed_again(muted=muted, now=now)
        return Issued(challenge, resend_after)

    async def reissue_nothing(self, unit: OtpUnit, subject: str, purpose: Purpose, *, now: datetime) -> int:
        """What a resend costs an address that has no live challenge: the same. Answers the cool-down in
        seconds."""
        resend_after, _ = await self._count_resend(unit, subject, purpose, now=now, asker=Asker.ANYBODY)
        return resend_after

    async def _count_resend(
        self, unit: OtpUnit, subject: str, purpose: Purpose, *, now: datetime, asker: Asker
    ) -> tuple[int, bool]:
        budget = await unit.guess_budgets.hold(self._code_book.subject_key(subject))
        budget.admit_resend(now=now)
        budget.resent(now=now)
        muted = not budget.sent(purpose, now=now, asker=asker)
        await unit.guess_budgets.save(budget)
        return budget.resend_cool_down(now=now), muted
