"""What webhooks seal values for: each sealing is bound to its table, row and field."""

from uuid import UUID


def of_secret(owner_id: UUID, secret_id: UUID) -> str:
    """A signing key of an endpoint of that owner."""
    return f"webhooks.secret|{owner_id}|{secret_id}"
