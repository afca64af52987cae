"""The ways of proving who one is (RFC 8176 `amr` values), and what they amount to together."""

from collections.abc import Iterable

MULTIPLE_FACTORS = "mfa"
"""RFC 8176: proofs of several kinds were given. Whoever checked them adds it."""

_KNOWLEDGE, _POSSESSION, _INHERENCE = "knowledge", "possession", "inherence"
_KINDS = {
    "pwd": _KNOWLEDGE,
    "pin": _KNOWLEDGE,
    "otp": _POSSESSION,
    "sms": _POSSESSION,
    "hwk": _POSSESSION,
    "swk": _POSSESSION,
    "sc": _POSSESSION,
    "face": _INHERENCE,
    "fpt": _INHERENCE,
    "iris": _INHERENCE,
    "retina": _INHERENCE,
    "vbm": _INHERENCE,
}


def are_two_factors(methods: Iterable[str]) -> bool:
    """Whether the methods say so (`mfa`), or prove two of knowledge, possession and inherence.

    Two of one kind are not two factors; `user`, which only tells that somebody was there, is none.
    """
    given = frozenset(methods)
    return MULTIPLE_FACTORS in given or len({_KINDS[each] for each in given if each in _KINDS}) > 1


def joined(*proofs: Iterable[str]) -> tuple[str, ...]:
    """The methods of several proofs, each once, in the order in which they were given."""
    return tuple(dict.fromkeys(method for proof in proofs for method in proof))
