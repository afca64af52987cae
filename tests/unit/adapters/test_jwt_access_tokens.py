"""Access tokens: what is signed here for this audience is read back; whatever else is shown says nothing."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.adapters.contracts.builders import a_user_id, a_uuid
from multiproduct.adapters.jwt import JwtAccessTokens
from multiproduct.adapters.jwt import access_tokens as access_tokens_module
from multiproduct.adapters.stdlib import SystemIds
from multiproduct.application.identity import AccessClaims
from multiproduct.domain.identity import TokenExpired

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
MINUTE, MOMENT = timedelta(minutes=1), timedelta(microseconds=1)
SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))
ISSUER, AUDIENCE = "https://multiproduct.example", "multiproduct"


def an_issuer(*, seeds=None, current="k1", issuer=ISSUER, audience=AUDIENCE) -> JwtAccessTokens:
    return JwtAccessTokens(
        seeds=seeds or {"k1": SEED},
        current=current,
        issuer=issuer,
        audience=audience,
        lifetime=10 * MINUTE,
        ids=SystemIds(),
    )


def claims(*, lifetime=10 * MINUTE) -> AccessClaims:
    return AccessClaims(user_id=a_user_id(), session_id=a_uuid(), expires_at=NOW + lifetime)


def forged(*, header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None, seed=SEED) -> str:
    """A token with single claims and header fields of the forger's (None: left out), signed with `seed`."""
    fields = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(a_user_id()),
        "sid": str(a_uuid()),
        "jti": str(a_uuid()),
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + 10 * MINUTE).timestamp()),
    } | (payload or {})
    head = {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"} | (header or {})
    signing_input = b".".join(
        _b64(json.dumps({name: value for name, value in part.items() if value is not None}).encode())
        for part in (head, fields)
    )
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signing_input)
    return (signing_input + b"." + _b64(signature)).decode()


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def test_what_was_issued_is_read_back():
    tokens, said = an_issuer(), claims()
    assert tokens.read(tokens.issue(said, now=NOW), now=NOW) == said
    assert an_issuer().read(tokens.issue(said, now=NOW), now=NOW) == said


def test_the_forger_of_these_tests_makes_good_tokens_when_left_alone():
    assert an_issuer().read(forged(), now=NOW) is not None


def test_a_token_that_lives_longer_than_tokens_do_is_refused():
    ten_minutes = int((NOW + 10 * MINUTE).timestamp())
    for exceeding in ({"exp": ten_minutes + 1}, {"iat": int(NOW.timestamp()) - 1}):
        assert an_issuer().read(forged(payload=exceeding), now=NOW) is None
    assert an_issuer().read(forged(payload={"exp": ten_minutes - 1}), now=NOW) is not None


def test_a_token_has_the_fields_of_rfc_9068():
    tokens, said = an_issuer(), claims()
    token = tokens.issue(said, now=NOW)
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"}
    payload = jwt.decode(token, options={"verify_signature": False})
    assert payload.keys() == {"iss", "aud", "sub", "sid", "jti", "iat", "exp", "client_id"}
    assert (payload["iss"], payload["aud"], payload["sub"]) == (ISSUER, AUDIENCE, str(said.user_id))
    other = jwt.decode(tokens.issue(said, now=NOW), options={"verify_signature": False})
    assert payload["jti"] != other["jti"]


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": None},
        {"alg": "Ed25519"},
        {"typ": "JWT"},
        {"typ": "at+JWT"},
        {"typ": None},
        {"typ": ["at+jwt"]},
        {"kid": "k2"},
        {"kid": ""},
        {"kid": None},
        {"kid": 1},
        {"kid": ["k1"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
    ],
)
def test_a_header_that_is_not_ours_is_refused(header):
    assert an_issuer().read(forged(header=header), now=NOW) is None


def test_no_signature_is_no_signature():
    head, payload, _ = forged(header={"alg": "none"}).split(".")
    for token in (f"{head}.{payload}.", f"{head}.{payload}"):
        assert an_issuer().read(token, now=NOW) is None
    head, payload, _ = forged().split(".")
    assert an_issuer().read(f"{head}.{payload}.", now=NOW) is None


def test_the_public_key_is_no_shared_secret():
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    head, payload, _ = forged(header={"alg": "HS256"}).split(".")
    for secret in (public, _b64(public)):
        mac = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
        assert an_issuer().read(f"{head}.{payload}.{_b64(mac).decode()}", now=NOW) is None


@pytest.mark.parametrize("where", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_along_is_not_used(where):
    public = Ed25519PrivateKey.from_private_bytes(OTHER_SEED).public_key().public_bytes_raw()
    brought = {
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": _b64(public).decode(), "kid": "k1"},
        "jku": "https://forger.example/jwks.json",
        "x5u": "https://forger.example/key.pem",
        "x5c": [_b64(public).decode()],
    }
    assert an_issuer().read(forged(header={where: brought[where]}, seed=OTHER_SEED), now=NOW) is None


def test_a_signature_by_another_key_is_refused():
    assert an_issuer().read(forged(seed=OTHER_SEED), now=NOW) is None
    both = an_issuer(seeds={"k1": SEED, "k2": OTHER_SEED})
    assert both.read(forged(seed=OTHER_SEED), now=NOW) is None
    assert both.read(forged(header={"kid": "k2"}, seed=OTHER_SEED), now=NOW) is not None


@pytest.mark.parametrize(
    "payload",
    [
        {"aud": "another"},
        {"aud": None},
        {"aud": [AUDIENCE]},
        {"aud": [AUDIENCE, "another"]},
        {"iss": "https://another.example"},
        {"iss": None},
        *({name: None} for name in ("sub", "sid", "jti", "iat", "exp")),
        {"sub": "tony"},
        {"sub": 7},
        {"sid": "tony"},
        {"sid": ["x"]},
        {"exp": "soon"},
        {"exp": 10**20},
        {"exp": -(10**20)},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": {}},
        {"iat": "now"},
        {"iat": float("inf")},
        {"iat": [1]},
    ],
)
def test_claims_that_are_not_ours_are_refused_although_the_signature_is_good(payload):
    assert an_issuer().read(forged(payload=payload), now=NOW) is None


def test_expiry_is_judged_by_the_business_clock_and_half_open():
    tokens, said = an_issuer(), claims()
    token = tokens.issue(said, now=NOW)
    assert an_issuer().read(token, now=said.expires_at - MOMENT) == said
    with pytest.raises(TokenExpired):
        an_issuer().read(token, now=said.expires_at)
    # Real time is years behind or ahead of either.
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    old = AccessClaims(user_id=said.user_id, session_id=said.session_id, expires_at=long_ago + MINUTE)
    assert tokens.read(tokens.issue(old, now=long_ago), now=long_ago) == old


def test_a_token_from_the_future_is_refused_beyond_the_leeway():
    token = an_issuer().issue(claims(), now=NOW)
    assert an_issuer().read(token, now=NOW - timedelta(seconds=30)) is not None
    assert an_issuer().read(token, now=NOW - timedelta(seconds=31)) is None


def test_a_token_that_came_too_early_is_judged_again_later():
    tokens = an_issuer()
    token = tokens.issue(claims(), now=NOW)
    assert tokens.read(token, now=NOW - MINUTE) is None
    assert tokens.read(token, now=NOW) is not None


@pytest.mark.parametrize(
    "garbage",
    ["", ".", "..", "...", "a.b.c", "é.é.é", "\ud800", "\0", "null.null.null", "{}", "=.=.=", "x" * 8192],
)
def test_garbage_is_refused(garbage):
    assert an_issuer().read(garbage, now=NOW) is None


@given(
    st.text(max_size=200) | st.lists(st.binary(max_size=40).map(lambda raw: _b64(raw).decode())).map(".".join)
)
def test_no_text_breaks_the_reading(text):
    assert an_issuer().read(text, now=NOW) is None


@pytest.mark.parametrize("head", [[], 1, "x", None, {}, [[[]]]])
def test_parts_that_are_json_but_no_objects_are_refused(head):
    part = _b64(json.dumps(head).encode()).decode()
    _, payload, signature = forged().split(".")
    assert an_issuer().read(f"{part}.{payload}.{signature}", now=NOW) is None
    assert an_issuer().read(f"{forged().split('.')[0]}.{part}.{signature}", now=NOW) is None


def test_deeply_nested_json_is_refused():
    part = _b64(b"[" * 5_000).decode()
    assert an_issuer().read(f"{part}.{part[:10]}.x", now=NOW) is None


def test_an_oversized_token_is_refused_before_it_is_looked_at():
    token = forged(payload={"padding": "x" * 7_000})
    assert len(token) > 8192
    assert an_issuer().read(token, now=NOW) is None
    assert an_issuer().read(forged(payload={"padding": "x" * 5_000}), now=NOW) is not None


@given(st.data())
def test_any_changed_character_spoils_a_token(data):
    token = forged()
    place = data.draw(st.integers(0, len(token) - 1))
    # The last character of the signature has two bits that stand for nothing.
    place = min(place, len(token) - 2)
    other = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda each: each != token[place]))
    assert an_issuer().read(token[:place] + other + token[place + 1 :], now=NOW) is None


@pytest.fixture
def verified(monkeypatch):
    """How often a signature was checked."""
    count = []
    decode = jwt.decode

    def counting(*args, **kwargs):
        count.append(1)
        return decode(*args, **kwargs)

    monkeypatch.setattr(access_tokens_module.jwt, "decode", counting)
    return count


def test_a_signature_is_checked_once_and_expiry_every_time(verified):
    tokens, said = an_issuer(), claims()
    token = tokens.issue(said, now=NOW)
    for _ in range(5):
        assert tokens.read(token, now=NOW) == said
    with pytest.raises(TokenExpired):
        tokens.read(token, now=said.expires_at)
    assert len(verified) == 1


def test_what_is_refused_is_not_remembered(verified):
    tokens = an_issuer()
    for _ in range(3):
        assert tokens.read(forged(seed=OTHER_SEED), now=NOW) is None
    assert len(verified) == 3
    assert not tokens._remembered


def test_the_oldest_tokens_are_forgotten(verified, monkeypatch):
    monkeypatch.setattr(access_tokens_module, "_MAX_REMEMBERED", 2)
    tokens = an_issuer()
    made = [tokens.issue(claims(), now=NOW) for _ in range(3)]
    for token in made:
        tokens.read(token, now=NOW)
    assert len(tokens._remembered) == 2
    tokens.read(made[2], now=NOW)
    assert len(verified) == 3
    assert tokens.read(made[0], now=NOW) is not None
    assert len(verified) == 4


def test_a_retired_key_still_reads_and_no_longer_signs():
    old = an_issuer(seeds={"k0": OTHER_SEED}, current="k0")
    new = an_issuer(seeds={"k1": SEED, "k0": OTHER_SEED}, current="k1")
    said = claims()
    assert new.read(old.issue(said, now=NOW), now=NOW) == said
    assert jwt.get_unverified_header(new.issue(said, now=NOW))["kid"] == "k1"
    assert old.read(new.issue(said, now=NOW), now=NOW) is None


def test_anybody_can_check_a_token_with_the_published_keys():
    tokens = an_issuer(seeds={"k1": SEED, "k0": OTHER_SEED})
    published = tokens.public_keys()
    assert [key["kid"] for key in published["keys"]] == ["k1", "k0"]
    assert all(key.keys() == {"kty", "crv", "use", "alg", "kid", "x"} for key in published["keys"])
    found = jwt.PyJWKSet.from_dict(published)["k1"]
    payload = jwt.decode(
        tokens.issue(claims(), now=NOW),
        found.key,
        algorithms=["EdDSA"],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert payload["iss"] == ISSUER
