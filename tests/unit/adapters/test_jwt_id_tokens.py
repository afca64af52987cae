"""ID tokens: what is genuine is read, and every forgery is refused before it costs anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.oracles.forged_tokens import es256, forgeries, rs256
from tests.servers.provider import ec_key, public_jwk, rsa_key

from multiproduct.adapters.jwt import JwtIdTokens
from multiproduct.application.identity.social_ports import Expected, IdTokenClaims

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ISSUER, CLIENT = "https://issuer.example", "our-client.example"
HEADER = {"alg": "RS256", "kid": "key-1", "typ": "JWT"}
JWK = public_jwk(rsa_key(), "key-1")
EXPECTED = Expected(
    issuers=frozenset({ISSUER}),
    audiences=frozenset({CLIENT, "our-app.example"}),
    algorithms=frozenset({"RS256", "ES256"}),
)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "subject-1",
    "nonce": "nonce-1",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(minutes=10)).timestamp()),
}


def read(token: str, *keys: dict[str, Any], now: datetime = NOW) -> IdTokenClaims | None:
    return JwtIdTokens().read(token, keys=keys or (JWK,), expected=EXPECTED, now=now)


def all_forgeries() -> list[Any]:
    made = forgeries(key=rsa_key(), other=rsa_key(1), curve=ec_key(1), good=GOOD, jwk=JWK)
    return list(made)


def test_a_genuine_token_is_read() -> None:
    claims = read(rs256(rsa_key(), HEADER, {**GOOD, "email": "ada@example.com"}))
    assert claims is not None
    assert (claims.issuer, claims.subject, claims.nonce) == (ISSUER, "subject-1", "nonce-1")
    assert claims.others["email"] == "ada@example.com"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "our-app.example"], "azp": CLIENT},
        {"azp": "our-app.example"},
        {"exp": GOOD["iat"] - 29},
        {"iat": GOOD["iat"] + 30},
        {"nbf": GOOD["iat"] + 30},
        {"exp": GOOD["exp"] + 0.5},
        {"sub": "x" * 255},
    ],
)
def test_what_is_within_the_rules_is_read(changed: dict[str, Any]) -> None:
    assert read(rs256(rsa_key(), HEADER, {**GOOD, **changed})) is not None


def test_a_token_without_a_nonce_or_a_type_is_read() -> None:
    claims = read(
        rs256(rsa_key(), {"alg": "RS256", "kid": "key-1"}, {k: GOOD[k] for k in GOOD if k != "nonce"})
    )
    assert claims is not None
    assert claims.nonce is None


def test_a_key_brought_along_is_not_looked_at_where_the_signature_is_good() -> None:
    assert read(rs256(rsa_key(), {**HEADER, "jku": "https://attacker.example"}, GOOD)) is not None


def test_a_key_on_a_curve_checks_es256() -> None:
    key = public_jwk(ec_key(), "key-2")
    assert read(es256(ec_key(), {"alg": "ES256", "kid": "key-2"}, GOOD), JWK, key) is not None


def test_at_least_five_hundred_forgeries_are_refused() -> None:
    made = all_forgeries()
    assert len({each.token for each in made}) >= 500
    assert [each.name for each in made if read(each.token) is not None] == []


def test_a_forgery_is_refused_although_the_attackers_key_is_in_the_set_under_another_name() -> None:
    theirs = public_jwk(rsa_key(1), "attacker")
    made = [each for each in all_forgeries() if "attacker" not in each.name]
    assert [each.name for each in made if read(each.token, JWK, theirs) is not None] == []


def test_what_is_too_long_is_not_decoded() -> None:
    decoded = []
    tokens = JwtIdTokens(decoded=lambda: decoded.append(1))
    long = [each.token for each in all_forgeries() if len(each.token) > 8192]
    assert len(long) >= 20
    for token in long:
        assert tokens.header(token) is None
        assert tokens.read(token, keys=(JWK,), expected=EXPECTED, now=NOW) is None
    assert decoded == []
    assert tokens.header(rs256(rsa_key(), HEADER, GOOD)) is not None
    assert decoded == [1]


@pytest.mark.parametrize(
    "changed",
    [
        {"alg": "PS256"},
        {"alg": "HS256"},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC"},
        {"kty": None},
        {"n": "AQAB"},
        {"n": 1},
        {"d": "AQAB"},
    ],
)
def test_a_key_that_is_not_for_the_algorithm_checks_nothing(changed: dict[str, Any]) -> None:
    token = rs256(rsa_key(), HEADER, GOOD)
    assert read(token, {**JWK, **changed}) is None
    assert read(token, JWK) is not None


def test_a_short_key_checks_nothing() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    assert read(rs256(short, HEADER, GOOD), public_jwk(short, "key-1")) is None


def test_two_keys_of_one_name_check_nothing() -> None:
    assert read(rs256(rsa_key(), HEADER, GOOD), JWK, JWK) is None


def test_an_algorithm_that_is_not_expected_is_refused_though_the_key_could() -> None:
    narrow = Expected(issuers=EXPECTED.issuers, audiences=EXPECTED.audiences, algorithms=frozenset({"ES256"}))
    token = rs256(rsa_key(), HEADER, GOOD)
    assert JwtIdTokens().read(token, keys=(JWK,), expected=narrow, now=NOW) is None


def test_times_are_judged_by_the_clock_that_is_given() -> None:
    token = rs256(rsa_key(), HEADER, GOOD)
    assert read(token, now=NOW + timedelta(minutes=10, seconds=29)) is not None
    assert read(token, now=NOW + timedelta(minutes=10, seconds=30)) is None
    assert read(token, now=NOW - timedelta(seconds=30)) is not None
    assert read(token, now=NOW - timedelta(seconds=31)) is None


def test_a_notice_needs_neither_a_subject_nor_an_end_but_an_identifier() -> None:
    notice = {"iss": ISSUER, "aud": CLIENT, "iat": GOOD["iat"], "jti": "1", "events": "{}"}

    def taken(claims: dict[str, Any]) -> bool:
        token = rs256(rsa_key(), HEADER, claims)
        found = JwtIdTokens().read_notice(token, keys=(JWK,), expected=EXPECTED, now=NOW)
        return found is not None

    assert taken(notice)
    for name in ("iss", "aud", "iat", "jti"):
        assert not taken({key: value for key, value in notice.items() if key != name})
    assert not taken({**notice, "exp": GOOD["iat"] - 60})
    assert read(rs256(rsa_key(), HEADER, notice)) is None
