"""What the limiter said, in the headers of draft-ietf-httpapi-ratelimit-headers."""

from collections.abc import Sequence

from multiproduct.application.ports.rate_limiter import Limit, Standing

POLICY, STANDING = b"ratelimit-policy", b"ratelimit"


def policy_item(limit: Limit) -> str:
    """One limit: its name, quota and window in seconds."""
    return f'"{limit.name}";q={limit.quota};w={limit.seconds}'


def standing_item(name: str, remaining: int, reset: int) -> str:
    """Where the client stands with one limit: how many more, and seconds until there are more again."""
    return f'"{name}";r={remaining};t={reset}'


def limit_headers(standings: Sequence[Standing]) -> list[tuple[bytes, bytes]]:
    """Both headers, or none where nothing was counted. Of a limit taken twice the later standing is told."""
    latest = {standing.limit.name: standing for standing in standings}
    if not latest:
        return []
    policies = ", ".join(policy_item(each.limit) for each in latest.values())
    states = ", ".join(standing_item(name, each.remaining, each.reset) for name, each in latest.items())
    return [(POLICY, policies.encode()), (STANDING, states.encode())]
