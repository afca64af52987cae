"""The ways of proving who one is (RFC 8176 `amr` values), and what they amount to together."""

from collections.abc import Iterable
from types import MappingProxyType

from multiproduct.domain.otp import Channel

MULTIPLE_FACTORS = "mfa"
"""RFC 8176: proofs of several kinds were given. Whoever checked them adds it (see `with_second_proof`)."""
MAILED_CODE = "mail"
"""A code, or a link, that came by mail. RFC 8176 has no mark for it, so this one is our own: a mailbox is
neither a thing that somebody has nor a factor (NIST SP 800-63B-4, 3.1.3.1)."""
TEXTED_CODE = "sms"
"""A code that came by text message."""

_KNOWLEDGE, _POSSESSION, _INHERENCE = "knowledge", "possession", "inherence"
_KINDS = {
    "pwd": _KNOWLEDGE,
    "pin": _KNOWLEDGE,
    # A provider tells nothing of how it knew the person; what every one asks for at least is a password.
    "fed": _KNOWLEDGE,
    "otp": _POSSESSION,
    TEXTED_CODE: _POSSESSION,
    "hwk": _POSSESSION,
    "swk": _POSSESSION,
    "sc": _POSSESSION,
    "face": _INHERENCE,
    "fpt": _INHERENCE,
    "iris": _INHERENCE,
    "retina": _INHERENCE,
    "vbm": _INHERENCE,
}
_OF_CHANNEL = MappingProxyType({Channel.EMAIL: (MAILED_CODE,), Channel.SMS: (TEXTED_CODE,)})

_A_KEY = frozenset({"hwk", "swk"})
WEAK_ALONE = _A_KEY | {MAILED_CODE, TEXTED_CODE}
"""Too little for staff where there is nothing else: whoever reads the mailbox, was given the number by its
network, or picked up the telephone has it."""
_FORMER_CODES = frozenset({("otp",), ("otp", TEXTED_CODE)})
"""What sessions by a mailed or texted code say that began before the codes had marks of their own."""


def of_code(channel: Channel) -> tuple[str, ...]:
    """What a right code proves that travelled by this channel."""
    return _OF_CHANNEL[channel]


def are_two_factors(methods: Iterable[str]) -> bool:
    """Whether the methods say so (`mfa`). Nothing is concluded from other marks that stand side by side:
    they may have been given for something that was no second factor."""
    return MULTIPLE_FACTORS in methods


def are_two_strong_factors(methods: Iterable[str]) -> bool:
    """Whether they are two factors, and would be without a texted code: what staff has to prove."""
    told = tuple(methods)
    if TEXTED_CODE not in told:
        return are_two_factors(told)
    kinds = {_KINDS[each] for each in told if each in _KINDS and each != TEXTED_CODE}
    return are_two_factors(told) and len(kinds) > 1


def joined(*proofs: Iterable[str]) -> tuple[str, ...]:
    """The methods of several proofs, each once, in the order in which they were given."""
    return tuple(dict.fromkeys(method for proof in proofs for method in proof))


def with_second_proof(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """What the methods amount to once one of the person's second factors proved `second`.

    `mfa` is added where the two together prove two of knowledge, possession and inherence. Two of one kind
    are not two factors; `user`, which only tells that somebody was there, and a mailed code are none.
    """
    both = joined(first, second)
    kinds = {_KINDS[each] for each in both if each in _KINDS}
    return joined(both, (MULTIPLE_FACTORS,)) if len(kinds) > 1 else both


def is_possession_alone(methods: Iterable[str]) -> bool:
    """Whether the methods tell of nothing but a key, as a device key does."""
    told = frozenset(methods)
    return bool(told) and told <= _A_KEY


def is_weak_alone(methods: Iterable[str]) -> bool:
    """Whether the methods are nothing but what is too little for staff."""
    told = tuple(methods)
    return bool(told) and (frozenset(told) <= WEAK_ALONE or told in _FORMER_CODES)
