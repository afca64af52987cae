"""What an error of the database means to those who called: try again, unavailable, or a defect."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.shared import Unavailable

# SQLSTATE, PostgreSQL's manual, appendix A: serialization_failure, deadlock_detected, lock_not_available.
_TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03"})
# Connection exceptions, insufficient resources, operator intervention (shutdown, a cancelled statement).
_UNAVAILABLE_CLASSES = frozenset({"08", "53", "57", "58"})
_UNIQUE_VIOLATION = "23505"
# SQLite's primary result codes, https://sqlite.org/rescode.html: BUSY, LOCKED.
_TRANSIENT_CODES = frozenset({5, 6})
# PERM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
_UNAVAILABLE_CODES = frozenset({3, 8, 10, 13, 14, 15})
_CONSTRAINT_UNIQUE = 2067
_FOREIGN_KEY_VIOLATION = "23503"
_CONSTRAINT_FOREIGN_KEY = 787

REACHING = (DBAPIError, PoolTimeout, OSError)
"""What the database's driver and pool raise."""


def state_of(error: DBAPIError) -> str | None:
    """The five characters of SQLSTATE, where the database gave them."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def result_code_of(error: DBAPIError) -> int | None:
    """SQLite's extended result code, where the error is SQLite's."""
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    return code


def is_busy(error: DBAPIError) -> bool:
    """Whether another connection holds SQLite's lock."""
    code = result_code_of(error)
    return code is not None and code & 0xFF in _TRANSIENT_CODES


def is_taken_key(error: DBAPIError) -> bool:
    """Whether a unique index refused the row."""
    return state_of(error) == _UNIQUE_VIOLATION or result_code_of(error) == _CONSTRAINT_UNIQUE


def is_missing_reference(error: DBAPIError) -> bool:
    """Whether a foreign key refused the row: it leads nowhere, or another one leads to it."""
    return state_of(error) == _FOREIGN_KEY_VIOLATION or result_code_of(error) == _CONSTRAINT_FOREIGN_KEY


def meaning(error: BaseException) -> Exception | None:
    """What to raise in place of an error met before the commit, or None if it is a defect and stays as it is.

    A connection that was lost means: try again. The transaction is undone, and the pool has dropped its
    connections, so that the next try either has a fresh one or finds the database unreachable.
    """
    if not isinstance(error, DBAPIError):
        return Unavailable(what="database") if isinstance(error, (PoolTimeout, OSError)) else None
    if error.connection_invalidated or state_of(error) in _TRANSIENT_STATES or is_busy(error):
        return TransientFailure(type(error.orig).__name__)
    if (state_of(error) or "")[:2] in _UNAVAILABLE_CLASSES:
        return Unavailable(what="database")
    code = result_code_of(error)
    if code is not None and code & 0xFF in _UNAVAILABLE_CODES:
        return Unavailable(what="database")
    return None


def meaning_of_commit(error: BaseException) -> Exception | None:
    """Like `meaning`, for an error met while committing: where the connection was lost, nobody knows whether
    the commit took place, so running the unit again could do its work twice."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Unavailable(what="database")
    return meaning(error)
