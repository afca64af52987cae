"""What identity seals values for: each sealing is bound to its table, row and field."""

from uuid import UUID


def of_totp_secret(user_id: UUID, factor_id: UUID) -> str:
    """An authenticator app's secret."""
    return f"identity.totp|{user_id}|{factor_id}"


def of_recovery_digest(user_id: UUID, code_id: UUID) -> str:
    """A recovery code's digest."""
    return f"identity.recovery|{user_id}|{code_id}"


def of_bank_details(user_id: UUID, id: UUID) -> str:
    """Where somebody's money goes."""
    return f"identity.bank_details|{user_id}|{id}"


def of_farewell(user_id: UUID, id: UUID) -> str:
    """The address that the last mail goes to."""
    return f"identity.farewell|{user_id}|{id}"
