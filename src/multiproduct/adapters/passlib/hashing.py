"""Hashing and comparing with the passlib API (the libpass package) and argon2id: one at a time, blocking."""

import contextlib
import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from multiproduct.adapters.passlib.accepted_hashes import is_accepted
from multiproduct.application.ports.passwords import PasswordCheck

if TYPE_CHECKING:
    from passlib.context import CryptContext

_log = logging.getLogger(__name__)

_LEGACY_SCHEMES = ("bcrypt", "django_pbkdf2_sha256", "django_bcrypt_sha256", "django_bcrypt", "django_argon2")
_BCRYPT_BYTES = 72

# The library's own loading of what computes a scheme is by the first use, and fails the one of two threads
# that comes to it while the other is just done. What it loads is the process's, so this lock is too.
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class HashCost:
    """Argon2id parameters: memory in KiB, passes. Parallelism is always 1: the cores are shared out by the
    queue."""

    memory_kib: int
    passes: int

    @classmethod
    def normal(cls) -> "HashCost":
        """OWASP Password Storage Cheat Sheet, 2024: m=19 MiB, t=2, p=1 (about 30 ms on one core)."""
        return cls(19_456, 2)

    @classmethod
    def test(cls) -> "HashCost":
        """As cheap as argon2 goes; only for tests."""
        return cls(8, 1)


_UNREADABLE = "a stored password hash cannot be read"
_NO_BCRYPT = (
    "a stored password hash is of bcrypt, which is not installed: pip install 'multiproduct[legacy-hashes]'"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A check with what it took: `seconds`, and whether it was a refusal by a hash from elsewhere, which is
    other work than with a hash that is made here."""

    check: PasswordCheck
    seconds: float
    is_foreign_refusal: bool


class Hashing:
    """The work itself. The library is loaded by the first use: a process that hashes nothing does without."""

    def __init__(self, cost: HashCost) -> None:
        self._cost = cost
        self._context: CryptContext | None = None
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """A new salted hash."""
        hashed: str = self._passlib().hash(password)
        return hashed

    def check(self, password: str, hashed: str | None) -> Judged:
        """Compares, with nobody's hash where there is none or one that is not taken. A refusal by a hash from
        elsewhere does the work for nobody's hash too."""
        started = time.perf_counter()
        check = self._check(password, hashed)
        seconds = time.perf_counter() - started
        return Judged(check, seconds, not check.matches and self._is_foreign(hashed))

    def _check(self, password: str, hashed: str | None) -> PasswordCheck:
        from passlib.exc import MissingBackendError  # noqa: PLC0415 - only where it is used

        context = self._passlib()
        compared = self._nobodys_hash()
        is_somebodys = False
        if hashed is not None:
            is_somebodys = is_accepted(hashed)
            if is_somebodys:
                compared = hashed
            else:
                _log.warning("a stored password hash is of no scheme, or at no cost, that is computed")
        try:
            matches, new_hash = context.verify_and_update(_as_far_as_read(password, compared), compared)
        except (ValueError, MissingBackendError) as error:
            # The text of the error may hold the hash. The usual work is done all the same.
            _log.warning(_NO_BCRYPT if isinstance(error, MissingBackendError) else _UNREADABLE)
            context.verify(password, self._nobodys_hash())
            return PasswordCheck(matches=False)
        if not matches and is_somebodys and self._is_foreign(hashed):
            context.verify(password, self._nobodys_hash())
        if not is_somebodys or not matches:
            return PasswordCheck(matches=False)
        # What was read of the password may be less than all of it, of which the new hash is.
        return PasswordCheck(matches=True, new_hash=None if new_hash is None else context.hash(password))

    def _is_foreign(self, hashed: str | None) -> bool:
        scheme_and_cost = self._nobodys_hash().rpartition("$")[0].rpartition("$")[0]
        return hashed is not None and not hashed.startswith(f"{scheme_and_cost}$")

    def _nobodys_hash(self) -> str:
        if self._nobody is None:
            self._nobody = self._passlib().hash(os.urandom(32).hex())
        return self._nobody

    def _passlib(self) -> "CryptContext":
        with _loading:
            if self._context is None:
                from passlib.context import CryptContext  # noqa: PLC0415 - only where it is used
                from passlib.exc import MissingBackendError  # noqa: PLC0415
                from passlib.hash import argon2, bcrypt  # noqa: PLC0415

                argon2.set_backend()
                # It is of the extra `legacy-hashes`: without it hashes of bcrypt match nothing.
                with contextlib.suppress(MissingBackendError):
                    bcrypt.set_backend()
                self._context = CryptContext(
                    schemes=["argon2", *_LEGACY_SCHEMES],
                    deprecated=list(_LEGACY_SCHEMES),
                    argon2__type="ID",
                    argon2__memory_cost=self._cost.memory_kib,
                    argon2__time_cost=self._cost.passes,
                    argon2__parallelism=1,
                )
            return self._context


def _as_far_as_read(password: str, hashed: str) -> str | bytes:
    """Plain bcrypt reads 72 bytes, and the library refuses more, which the systems that wrote the hashes did
    not. Django's bcrypt_sha256 reads all."""
    is_plain_bcrypt = hashed.startswith(("$2", "bcrypt$"))
    return password.encode()[:_BCRYPT_BYTES] if is_plain_bcrypt else password
