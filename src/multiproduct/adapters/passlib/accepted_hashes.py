"""Which hashes are computed at all: those of schemes that are known, at costs that are bearable.

A hash may come from another system, and says itself how much work comparing with it is. That is read and
judged before any of it is done.
"""

import base64
import re

MAX_LENGTH = 512
MAX_ARGON2_KIB, MAX_ARGON2_PASSES, MAX_ARGON2_LANES = 131_072, 4, 16  # 128 MiB
MAX_ARGON2_KIB_FILLED = 262_144
"""Memory times passes, which is what argon2 takes time for: about 0.4 seconds."""
MAX_BCRYPT_LOG_ROUNDS = 14
MAX_PBKDF2_ITERATIONS = 2_000_000

_NUMBER = r"[1-9][0-9]{0,8}"
_argon2 = re.compile(
    rf"(?P<django>argon2)?\$argon2(?:id|i|d)\$v=19\$m=(?P<kib>{_NUMBER}),t=(?P<passes>{_NUMBER}),"
    rf"p=(?P<lanes>{_NUMBER})\$(?P<salt>[A-Za-z0-9+/]{{11,128}})\$(?P<digest>[A-Za-z0-9+/]{{16,256}})"
).fullmatch
_bcrypt = re.compile(
    r"(?P<django>bcrypt|bcrypt_sha256)?(?P<mark>\$?)\$2[aby]\$(?P<log_rounds>[0-9]{2})\$[./A-Za-z0-9]{53}"
).fullmatch
_pbkdf2 = re.compile(
    rf"pbkdf2_sha256\$(?P<iterations>{_NUMBER})\$[A-Za-z0-9]{{1,128}}\$[A-Za-z0-9+/]{{43}}="
).fullmatch


def is_accepted(hashed: str) -> bool:
    """Whether a password may be compared with it.

    Taken are argon2 (19), plain or as Django writes it, bcrypt, plain or as Django writes it (`bcrypt$`,
    `bcrypt_sha256$`), and Django's `pbkdf2_sha256`.
    """
    if len(hashed) > MAX_LENGTH:
        return False
    if found := _argon2(hashed):
        return (
            int(found["kib"]) <= MAX_ARGON2_KIB
            and int(found["passes"]) <= MAX_ARGON2_PASSES
            and int(found["kib"]) * int(found["passes"]) <= MAX_ARGON2_KIB_FILLED
            and int(found["lanes"]) <= MAX_ARGON2_LANES
            and int(found["kib"]) >= 8 * int(found["lanes"])
            and _is_whole(found["salt"])
            and _is_whole(found["digest"])
        )
    if found := _bcrypt(hashed):
        is_whole = (found["django"] is not None) == (found["mark"] == "$")
        return is_whole and 4 <= int(found["log_rounds"]) <= MAX_BCRYPT_LOG_ROUNDS
    found = _pbkdf2(hashed)
    return found is not None and int(found["iterations"]) <= MAX_PBKDF2_ITERATIONS


def _is_whole(unpadded: str) -> bool:
    """Whether a text stands for bytes, as base64 without padding writes them: argon2 reads no other,
    and says so only when a password is compared, by an error that repeats the hash."""
    try:
        raw = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except ValueError:
        return False
    return base64.b64encode(raw).decode().rstrip("=") == unpadded
