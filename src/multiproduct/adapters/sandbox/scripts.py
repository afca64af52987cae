"""What the sandbox can be made to do: by the token of the method that is charged, or by the amount."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Script(StrEnum):
    """Each plays one way in which a gateway can answer."""

    APPROVE = "approve"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    STOLEN_CARD = "stolen_card"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    UNKNOWN_THEN_SETTLED = "unknown_then_settled"
    UNKNOWN_THEN_DECLINED = "unknown_then_declined"
    NEVER_KNOWN = "never_known"
    TIMEOUT_AFTER_CHARGE = "timeout_after_charge"
    TIMEOUT_BEFORE_CHARGE = "timeout_before_charge"
    UNREACHABLE = "unreachable"
    DECLINE_ONCE_THEN_APPROVE = "decline_1_then_approve"
    DECLINE_TWICE_THEN_APPROVE = "decline_2_then_approve"
    DECLINE_THRICE_THEN_APPROVE = "decline_3_then_approve"
    AUTHENTICATION_REQUIRED = "authentication_required"
    OTHER_AMOUNT = "other_amount"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_DECLINED = "refund_declined"


SCRIPTS: Mapping[Script, str] = MappingProxyType(
    {
        Script.APPROVE: "Settled at once.",
        Script.INSUFFICIENT_FUNDS: "Declined, `insufficient_funds`.",
        Script.STOLEN_CARD: "Declined for good, `stolen_card`.",
        Script.REQUIRES_ACTION: "Waits until the payer approves or refuses.",
        Script.PENDING: "Waits, like an ATM transfer, until it is paid, three days at most.",
        Script.UNKNOWN_THEN_SETTLED: "Charged; answers unknown, and settled when asked.",
        Script.UNKNOWN_THEN_DECLINED: "Not charged; answers unknown, and declined when asked.",
        Script.NEVER_KNOWN: "Not charged; answers unknown however often it is asked.",
        Script.TIMEOUT_AFTER_CHARGE: "Charged; the connection breaks before the answer.",
        Script.TIMEOUT_BEFORE_CHARGE: "Not charged, and never heard of; the connection breaks.",
        Script.UNREACHABLE: "Nothing can be sent.",
        Script.DECLINE_ONCE_THEN_APPROVE: "Declines once, then settles.",
        Script.DECLINE_TWICE_THEN_APPROVE: "Declines twice, then settles.",
        Script.DECLINE_THRICE_THEN_APPROVE: "Declines three times, then settles.",
        Script.AUTHENTICATION_REQUIRED: "Declined off-session; waits for the payer on-session.",
        Script.OTHER_AMOUNT: "Charges one unit more than it was told, and says so.",
        Script.REFUND_UNKNOWN: "Settled; refunds happen, and are answered unknown until asked.",
        Script.REFUND_DECLINED: "Settled; refunds are declined.",
    }
)
"""What each does. As a method's token they are written `tok_<script>`."""
DECLINES_FIRST: Mapping[Script, int] = MappingProxyType(
    {
        Script.DECLINE_ONCE_THEN_APPROVE: 1,
        Script.DECLINE_TWICE_THEN_APPROVE: 2,
        Script.DECLINE_THRICE_THEN_APPROVE: 3,
    }
)
MAGIC_AMOUNTS: Mapping[int, Script] = MappingProxyType(
    {
        9_901: Script.INSUFFICIENT_FUNDS,
        9_902: Script.STOLEN_CARD,
        9_903: Script.REQUIRES_ACTION,
        9_904: Script.PENDING,
        9_905: Script.UNKNOWN_THEN_SETTLED,
        9_906: Script.UNKNOWN_THEN_DECLINED,
        9_907: Script.TIMEOUT_AFTER_CHARGE,
        9_908: Script.DECLINE_TWICE_THEN_APPROVE,
        9_909: Script.OTHER_AMOUNT,
        9_910: Script.UNREACHABLE,
    }
)
"""Without a method, the last four digits of the minor units choose; all other amounts are approved."""
TOKEN_PREFIX = "tok_"  # noqa: S105 - not a secret: the start of every test token


def script_of_token(token: str) -> Script | None:
    """The script that a token names, as `tok_<script>` or as the sandbox's own `pm_<script>.<key>`."""
    name = token.removeprefix("pm_").partition(".")[0].removeprefix(TOKEN_PREFIX)
    return Script(name) if name in set(Script) else None


def script_of_amount(minor: int) -> Script:
    """The script that an amount chooses."""
    return MAGIC_AMOUNTS.get(minor % 10_000, Script.APPROVE)


def drawn() -> str:
    """The table in Markdown, as the guide shows it."""
    amounts = {script: f"...{minor // 100}.{minor % 100:02d}" for minor, script in MAGIC_AMOUNTS.items()}
    lines = ["| token | amount that ends in | what happens |", "|---|---|---|"]
    lines += [
        f"| `{TOKEN_PREFIX}{script.value}` | {amounts.get(script, '')} | {meaning} |"
        for script, meaning in SCRIPTS.items()
    ]
    return "\n".join(lines)
