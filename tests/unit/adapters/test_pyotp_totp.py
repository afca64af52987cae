"""Codes of authenticator apps, by the vectors of the RFCs."""

import base64
import re
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from multiproduct.adapters.pyotp import PyotpTotpCodes
from multiproduct.adapters.stdlib import SystemRandomness

Digest = Literal["sha1", "sha256", "sha512"]
SECRETS: dict[Digest, bytes] = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
# RFC 4226, appendix D: codes of 6 digits by counter.
HOTP = (
    "755224", "287082", "359152", "969429", "338314",
    "254676", "287922", "162583", "399871", "520489",
)  # fmt: skip
# RFC 6238, appendix B: seconds since 1970, digest, code of 8 digits.
TOTP: tuple[tuple[int, Digest, str], ...] = (
    (59, "sha1", "94287082"),
    (59, "sha256", "46119246"),
    (59, "sha512", "90693936"),
    (1111111109, "sha1", "07081804"),
    (1111111109, "sha256", "68084774"),
    (1111111109, "sha512", "25091201"),
    (1111111111, "sha1", "14050471"),
    (1111111111, "sha256", "67062674"),
    (1111111111, "sha512", "99943326"),
    (1234567890, "sha1", "89005924"),
    (1234567890, "sha256", "91819424"),
    (1234567890, "sha512", "93441116"),
    (2000000000, "sha1", "69279037"),
    (2000000000, "sha256", "90698825"),
    (2000000000, "sha512", "38618901"),
    (20000000000, "sha1", "65353130"),
    (20000000000, "sha256", "77737706"),
    (20000000000, "sha512", "47863826"),
)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _codes(digits: int = 6, digest: Digest = "sha1") -> PyotpTotpCodes:
    return PyotpTotpCodes(randomness=SystemRandomness(), digits=digits, digest=digest)


@pytest.mark.parametrize("counter", range(10))
def test_the_vectors_of_rfc_4226_hold(counter: int) -> None:
    found = _codes().step_of(SECRETS["sha1"], HOTP[counter], now=_at(counter * 30), window=0)
    assert found == counter


@pytest.mark.parametrize(("seconds", "digest", "code"), TOTP)
def test_the_vectors_of_rfc_6238_hold(seconds: int, digest: Digest, code: str) -> None:
    codes = _codes(8, digest)
    assert codes.step_of(SECRETS[digest], code, now=_at(seconds), window=0) == seconds // 30
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    assert codes.step_of(SECRETS[digest], wrong, now=_at(seconds), window=0) is None


@pytest.mark.parametrize(("window", "taken"), [(0, {5}), (1, {4, 5, 6})])
def test_only_the_steps_of_the_window_are_taken(window: int, taken: set[int]) -> None:
    now = _at(5 * 30 + 29)
    found = [_codes().step_of(SECRETS["sha1"], code, now=now, window=window) for code in HOTP]
    assert {step for step in found if step is not None} == taken
    assert all(step in (None, counter) for counter, step in enumerate(found))


@pytest.mark.parametrize(
    "typed", ["287 082", " 287-082 ", "\u06f2\u06f8\u06f7\u06f0\u06f8\u06f2", "２８７０８２"]
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert _codes().step_of(SECRETS["sha1"], typed, now=_at(30), window=0) == 1


@pytest.mark.parametrize(
    "typed",
    ["", "28708", "2870820", "28708x", "287082" + " " * 100 + "1", "½87082", "\x00" * 6, "2" * 10_000],
)
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert _codes().step_of(SECRETS["sha1"], typed, now=_at(30), window=1) is None


def test_a_secret_is_160_bits_and_never_the_same() -> None:
    secrets = {_codes().new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {20}


def test_the_address_says_what_an_app_needs() -> None:
    codes = _codes()
    secret = SECRETS["sha1"]
    parts = urlsplit(codes.provisioning_uri(secret, account="tony@stark.com", issuer="STARK & Söhne: a"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path).endswith(":tony@stark.com")
    query = parse_qs(parts.query)
    assert query["issuer"] == ["STARK & Söhne: a"]
    assert base64.b32decode(query["secret"][0]) == secret
    assert re.fullmatch("[A-Z2-7]{32}", codes.text(secret))
