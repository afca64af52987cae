"""Finding the challenge that an answer is meant for: by its id, by its address, or by the mail's link
token."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import Verification
from multiproduct.domain.otp import Challenge, Purpose
from multiproduct.domain.otp.derivation import challenge_of_link_token
from multiproduct.domain.shared import FieldProblem, InvalidInput


class Answer(Protocol):
    """A command that answers a challenge."""

    @property
    def challenge_id(self) -> UUID | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def otp(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An answer whose fields were checked: by id, or by the key of an address, and the proof offered."""

    challenge_id: UUID | None
    subject: str | None
    proof: str = field(repr=False)
    is_link: bool = False


class Answers:
    """Reads answers, and has them judged in the caller's unit."""

    def __init__(self, *, contacts: Contacts, verification: Verification) -> None:
        self._contacts = contacts
        self._verification = verification

    def read(
        self, command: Answer, findings: InputFindings, *, token: str | None = None
    ) -> ReadAnswer | None:
        """Checks which challenge an answer names; None where `findings` has something against it."""
        if token is not None:
            return ReadAnswer(challenge_of_link_token(token), None, token, is_link=True)
        proof = findings.read(lambda: _required(command.otp), "otp", "token")
        if command.challenge_id is not None:
            return ReadAnswer(command.challenge_id, None, proof) if proof is not None else None
        contact = findings.read(lambda: self._named(command), "challenge_id", "email", "phone", "token")
        if proof is None or contact is None:
            return None
        return ReadAnswer(None, contact.key, proof)

    async def judge(
        self, unit: IdentityUnit, answer: ReadAnswer, *, purpose: Purpose, now: datetime
    ) -> Challenge | None:
        """The consumed challenge, or None. Raises ChallengeIdRequired, TooManyRequests."""
        if answer.is_link:
            return await self._verification.verify_link(
                unit, challenge_id=answer.challenge_id, purpose=purpose, token=answer.proof, now=now
            )
        challenge_id = answer.challenge_id
        if challenge_id is None and answer.subject is not None:
            live = await self._verification.only_live(unit, purpose=purpose, subject=answer.subject, now=now)
            challenge_id = live.id if live else None
        return await self._verification.verify(
            unit, challenge_id=challenge_id, purpose=purpose, proof=answer.proof, now=now
        )

    def _named(self, command: Answer) -> Contact:
        contact = self._contacts.read(command)
        if contact is None:
            raise InvalidInput(FieldProblem("challenge_id", "required"))
        return contact


def _required(otp: str | None) -> str:
    if otp is None:
        raise InvalidInput(FieldProblem("otp", "required"))
    return otp
