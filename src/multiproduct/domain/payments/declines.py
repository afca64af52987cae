"""Why gateways decline, in one vocabulary, and which reasons make another try pointless."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Decline:
    """A reason. `is_final`: the same method will never be accepted for this, so nobody tries again."""

    meaning: str
    is_final: bool


DECLINES: Mapping[str, Decline] = MappingProxyType(
    {
        "insufficient_funds": Decline("The account lacks the money just now.", is_final=False),
        "do_not_honour": Decline("The bank gave no reason.", is_final=False),
        "processing_error": Decline("The gateway or the bank failed before it decided.", is_final=False),
        "limit_exceeded": Decline("Over what the account may spend in a period.", is_final=False),
        "authentication_failed": Decline("The payer did not prove to be the holder.", is_final=False),
        "authentication_required": Decline("The bank wants the payer present.", is_final=False),
        "not_received": Decline("The gateway never heard of the attempt.", is_final=False),
        "not_paid": Decline("Staff found that no money came.", is_final=False),
        "expired_card": Decline("The card's time is over.", is_final=True),
        "invalid_card": Decline("There is no such card or account.", is_final=True),
        "lost_card": Decline("Reported lost.", is_final=True),
        "stolen_card": Decline("Reported stolen.", is_final=True),
        "fraudulent": Decline("Taken for fraud.", is_final=True),
        "account_closed": Decline("The account is closed.", is_final=True),
        "revoked": Decline("The holder revoked the permission to charge.", is_final=True),
        "currency_not_supported": Decline("The gateway does not take this currency.", is_final=True),
        "method_removed": Decline("The stored method was removed.", is_final=True),
        "invalid_request": Decline("The gateway takes the request for wrong.", is_final=True),
    }
)
"""Every code. A gateway's adapter maps its own codes to these; what it cannot map is `do_not_honour`."""
UNMAPPED = "do_not_honour"


def known_code(code: str) -> str:
    """The code, or `do_not_honour` for one that is not in the table."""
    return code if code in DECLINES else UNMAPPED


def is_final(code: str) -> bool:
    """Whether nobody should try again."""
    return DECLINES[known_code(code)].is_final
