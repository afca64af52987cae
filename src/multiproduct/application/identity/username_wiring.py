"""Puts the user name engine together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.username_answers import UsernameAnswers, UsernameIndex
from multiproduct.application.identity.username_checking import UsernameChecking

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


def username_checking(parts: "IdentityParts") -> UsernameChecking:
    """Names, with the caches around what is known of them."""
    index = UsernameIndex(units=parts.units, clock=parts.clock)
    answers = UsernameAnswers(
        index=index, taken=parts.taken(index), randomness=parts.randomness, policy=parts.username_policy
    )
    return UsernameChecking(
        index=index,
        answers=answers,
        cached=parts.cached(answers),
        randomness=parts.randomness,
        throttle=parts.throttle,
        policy=parts.username_policy,
    )
