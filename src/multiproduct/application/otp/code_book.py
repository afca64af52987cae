"""The code book: codes and link tokens of challenges, derived when needed and never kept."""

import hmac
import unicodedata

from multiproduct.application.otp.ports import Peppers
from multiproduct.domain.otp import Challenge, OtpPolicy, derive_code, derive_link_token, derive_subject_key

_LABEL = "otp"


class CodeBook:
    """Derives the same code for the same generation of a challenge every time, so that a repeated mail says
    what the first one said."""

    def __init__(self, *, peppers: Peppers, policy: OtpPolicy) -> None:
        self._peppers = peppers
        self._policy = policy

    @property
    def key_id(self) -> str:
        """The secret that new challenges are derived from."""
        return self._peppers.current_id

    def code(self, challenge: Challenge) -> str | None:
        """The code in decimal digits, or None when the secret it came from was retired."""
        pepper = self._peppers.secret(challenge.key_id, _LABEL)
        if pepper is None:
            return None
        return derive_code(
            pepper,
            challenge_id=challenge.id,
            generation=challenge.generation,
            purpose=challenge.purpose.value,
            subject=challenge.subject,
            digits=self._policy.digits,
        )

    def link_token(self, challenge: Challenge) -> str | None:
        """The link token of the same generation, or None when its secret was retired."""
        pepper = self._peppers.secret(challenge.key_id, _LABEL)
        if pepper is None:
            return None
        return derive_link_token(
            pepper,
            challenge_id=challenge.id,
            generation=challenge.generation,
            purpose=challenge.purpose.value,
            subject=challenge.subject,
        )

    def is_right(self, challenge: Challenge, proof: str) -> bool:
        """Whether `proof` is the challenge's code. Takes the same time for any wrong one.

        Spaces and hyphens are passed over, and digits of any script are read as what they are worth.
        """
        code = self.code(challenge)
        return code is not None and _same(code, _plain_digits(proof))

    def is_right_link(self, challenge: Challenge, token: str) -> bool:
        """Whether `token` is the challenge's link token."""
        right = self.link_token(challenge)
        return right is not None and _same(right, token)

    def subject_key(self, subject: str) -> str:
        """The pseudonym under which what happens to an address is counted."""
        pepper = self._peppers.secret(self._peppers.current_id, _LABEL)
        if pepper is None:
            raise LookupError("the current secret is always there")
        return derive_subject_key(pepper, subject)


def _same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))


def _plain_digits(text: str) -> str:
    kept = (character for character in text if not character.isspace() and character != "-")
    return "".join(str(unicodedata.decimal(character, character)) for character in kept)
