"""What payments seal values for: each sealing is bound to its table, row and field."""

from uuid import UUID


def of_method_token(user_id: UUID, id: UUID) -> str:
    """A stored method's token at its gateway."""
    return f"payments.method|{user_id}|{id}"
