"""Forged ID tokens: every way of breaking each rule, in tokens that are otherwise good."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

KID = "key-1"
ALGORITHMS = ("none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512")
NOT_TEXT = (None, 0, 1, 1.5, True, [], {}, ["x"], {"a": 1}, "", "\0", "x" * 300)
NOT_A_TIME = (None, "1700000000", True, False, [], {}, -1, 1e300, "now", float("1e19"))


@dataclass(frozen=True)
class Forged:
    name: str
    token: str


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def written(document: Any) -> str:
    return b64(document if isinstance(document, bytes) else json.dumps(document).encode())


def rs256(key: Any, header: Any, claims: Any) -> str:
    """Signed with the provider's own key, whatever header and claims are."""
    signing_input = f"{written(header)}.{written(claims)}"
    return f"{signing_input}.{b64(key.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def es256(key: Any, header: Any, claims: Any) -> str:
    signing_input = f"{written(header)}.{written(claims)}"
    der = key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = (
        jwt.utils.der_to_raw_signature(der, key.curve)[:32],
        jwt.utils.der_to_raw_signature(der, key.curve)[32:],
    )
    return f"{signing_input}.{b64(r + s)}"


def forgeries(
    *, key: Any, other: Any, curve: Any, good: dict[str, Any], jwk: dict[str, Any]
) -> Iterator[Forged]:
    """`key` is the provider's, `other` and `curve` are the attacker's, `good` are claims that would pass, and
    `jwk` is the provider's public key."""
    header = {"alg": "RS256", "kid": KID, "typ": "JWT"}
    makers = (
        _algorithms,
        _confusion,
        _headers,
        _injected,
        _claims,
        _times,
        _audiences,
        _types,
        _duplicates,
        _shapes,
        _sizes,
        _flipped,
    )
    for make in makers:
        yield from make(key, other, curve, header, good, jwk)


def _algorithms(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for alg, signature in itertools.product(ALGORITHMS, ("", "AA", b64(b"\0" * 256))):
        yield Forged(f"alg {alg!r}", f"{written({**header, 'alg': alg})}.{written(good)}.{signature}")
    for alg in (
        "RS1",
        "RS999",
        "ES256K",
        "PS256",
        "RS384",
        "RS512",
        "ES256",
        "EdDSA",
        "A256GCM",
        1,
        None,
        [],
        {},
    ):
        yield Forged(f"alg {alg!r} on a good signature", rs256(key, {**header, "alg": alg}, good))


def _confusion(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    """HMAC under everything public about the key."""
    public = key.public_key()
    forms = [
        public.public_bytes(encoding, form)
        for encoding, form in itertools.product(
            (serialization.Encoding.PEM, serialization.Encoding.DER),
            (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1),
        )
    ]
    forms += [
        forms[0].strip(),
        forms[0] + b"\n",
        jwk["n"].encode(),
        json.dumps(jwk).encode(),
        b"",
        b"\0",
        b"secret",
    ]
    digests = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
    for (alg, digest), secret in itertools.product(digests.items(), forms):
        signing_input = f"{written({**header, 'alg': alg})}.{written(good)}"
        mac = hmac.new(secret, signing_input.encode(), digest).digest()
        yield Forged(f"{alg} with a public key", f"{signing_input}.{b64(mac)}")
        lying = f"{written(header)}.{written(good)}"
        yield Forged(
            f"{alg} called RS256", f"{lying}.{b64(hmac.new(secret, lying.encode(), digest).digest())}"
        )


def _headers(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for kid in (
        "key-2",
        "KEY-1",
        "key-1 ",
        "",
        None,
        1,
        ["key-1"],
        {"kid": "key-1"},
        "../key-1",
        "key-1\0",
        "x" * 300,
    ):
        yield Forged(f"kid {kid!r}", rs256(key, {**header, "kid": kid}, good))
    yield Forged("no kid", rs256(key, {"alg": "RS256"}, good))
    yield Forged("no alg", rs256(key, {"kid": KID}, good))
    for kind in ("at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE", "", None, 1, [], "jwt+x"):
        yield Forged(f"typ {kind!r}", rs256(key, {**header, "typ": kind}, good))
    for extra in (
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": False, "crit": ["b64"]},
        {"crit": "b64"},
    ):
        yield Forged(f"header {extra}", rs256(key, {**header, **extra}, good))


def _injected(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    """Signed with the attacker's key, which the header brings or points at."""
    theirs = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(other.public_key())) | {"kid": KID, "alg": "RS256"}
    brought: list[dict[str, Any]] = [
        {"jwk": theirs},
        {"jwk": {**theirs, "use": "sig"}},
        {"jku": "http://127.0.0.1:1/keys"},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"x5c": ["MIIB"]},
        {"x5t": "AAAA"},
        {"x5t#S256": "AAAA"},
        {"jwk": theirs, "jku": "https://attacker.example/keys", "x5u": "https://attacker.example/cert"},
    ]
    for extra, kid in itertools.product(brought, (KID, "key-2", "attacker", "")):
        yield Forged(f"{sorted(extra)} with kid {kid}", rs256(other, {**header, "kid": kid, **extra}, good))
    yield Forged("another's key", rs256(other, header, good))
    for alg in ("RS256", "ES256"):
        yield Forged(f"another type of key called {alg}", es256(curve, {**header, "alg": alg}, good))


def _claims(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for name in ("iss", "aud", "exp", "iat", "sub"):
        yield Forged(f"no {name}", rs256(key, header, {k: v for k, v in good.items() if k != name}))
    issuer = good["iss"]
    for wrong in (
        issuer + "/",
        issuer.upper(),
        issuer + ".attacker.example",
        "https://attacker.example",
        issuer[:-1],
        issuer + " ",
        " " + issuer,
        issuer + "#x",
        issuer + "?x",
        [issuer],
        {issuer: 1},
    ):
        yield Forged(f"iss {wrong!r}", rs256(key, header, {**good, "iss": wrong}))


def _times(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    present = good["iat"]
    for late in (31, 60, 600, 3600, 86400, 10**6, 10**9):
        yield Forged(f"expired {late} s ago", rs256(key, header, {**good, "exp": present - late}))
        yield Forged(f"expired {late}.5 s ago", rs256(key, header, {**good, "exp": present - late - 0.5}))
        early = min(late, 10**9) + 10
        yield Forged(
            f"made in {early} s",
            rs256(key, header, {**good, "iat": present + early, "exp": present + 10**10}),
        )
        yield Forged(f"good in {early} s", rs256(key, header, {**good, "nbf": present + early}))


def _audiences(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    ours = good["aud"]
    wrongs: list[Any] = [
        "another",
        ours + " ",
        ours.upper(),
        ours + ".x",
        ours[:-1],
        "*",
        "",
        [],
        [[]],
        [ours, 1],
        [None],
        {ours: 1},
        ["another"],
        [ours, "another"],
        ["another", ours],
        [ours, ours],
        f"{ours},another",
        f"{ours} another",
        [ours, ""],
    ]
    for wrong, azp in itertools.product(wrongs, ("absent", ours, "another")):
        extra = {} if azp == "absent" else {"azp": azp}
        yield Forged(f"aud {wrong!r} azp {azp}", rs256(key, header, {**good, "aud": wrong, **extra}))
    for azp in ("another", "", None, 1, [ours], ours.upper(), ours + " "):
        for audience in (ours, [ours]):
            yield Forged(f"azp {azp!r}", rs256(key, header, {**good, "aud": audience, "azp": azp}))


def _types(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for name, wrong in itertools.product(("iss", "sub", "aud"), NOT_TEXT):
        if name != "aud" or not isinstance(wrong, list):
            yield Forged(f"{name} {wrong!r:.20}", rs256(key, header, {**good, name: wrong}))
    for name, wrong in itertools.product(("nonce", "azp"), NOT_TEXT):
        yield Forged(f"{name} {wrong!r:.20}", rs256(key, header, {**good, name: wrong}))
    for name, wrong in itertools.product(("exp", "iat", "nbf"), NOT_A_TIME):
        yield Forged(f"{name} {wrong!r:.20}", rs256(key, header, {**good, name: wrong}))
    for constant in (b"NaN", b"Infinity", b"-Infinity"):
        for name in ("exp", "iat"):
            raw = json.dumps({**good, name: "@"}).encode().replace(b'"@"', constant)
            yield Forged(f"{name} {constant!r}", rs256(key, header, raw))
    for whole in ([], [good], "text", 1, None, True):
        yield Forged(f"claims {whole!r:.20}", rs256(key, header, whole))


def _duplicates(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for name, value in good.items():
        for other_value in (value, "another", 1):
            pair = f'"{name}":{json.dumps(other_value)}'.encode()
            raw = json.dumps(good).encode()
            yield Forged(f"{name} twice", rs256(key, header, raw[:-1] + b"," + pair + b"}"))
            yield Forged(f"{name} twice", rs256(key, header, b"{" + pair + b"," + raw[1:]))
    for name, other_value in itertools.product(("alg", "kid", "typ"), ("RS256", "none", KID)):
        raw = json.dumps(header).encode()
        twice = raw[:-1] + f',"{name}":"{other_value}"'.encode() + b"}"
        yield Forged(f"header {name} twice", rs256(key, twice, good))


def _shapes(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    token = rs256(key, header, good)
    head, body, signature = token.split(".")
    for cut in range(1, len(token), max(1, len(token) // 60)):
        yield Forged(f"cut at {cut}", token[:cut])
    shapes = {
        "no signature": f"{head}.{body}.",
        "no body": f"{head}..{signature}",
        "no header": f".{body}.{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.{signature}",
        "five parts": f"{token}.a.b",
        "padded": f"{head}=.{body}.{signature}",
        "padded body": f"{head}.{body}=.{signature}",
        "spaces": f" {token}",
        "line end": f"{token}\n",
        "tab": f"{head}.{body}\t.{signature}",
        "empty": "",
        "dots": "..",
        "text": "not a token",
        "not ascii": token + "é",
        "bearer": f"Bearer {token}",
        "nul": token + "\0",
        "json": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "standard base64": f"{head}.{body}.{signature[:-2]}+/",
        "swapped": f"{body}.{head}.{signature}",
    }
    for name, shape in shapes.items():
        yield Forged(name, shape)
    for raw in (
        b"",
        b"{",
        b"{}",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"alg":',
        b"[" * 4000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ):
        yield Forged(f"header {raw[:6]!r}", f"{b64(raw)}.{body}.{signature}")
        yield Forged(f"claims {raw[:6]!r}", rs256(key, header, raw))


def _sizes(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    for size in (8_193, 16_384, 65_536, 1_048_576, 4_194_304):
        yield Forged(f"{size} characters", "e" * size)
        yield Forged(f"{size} characters of claims", f"{written(header)}.{'A' * size}.AA")
        yield Forged(f"{size} characters of signature", f"{written(header)}.{written(good)}.{'A' * size}")
        yield Forged(f"{size} dots", "." * size)
    yield Forged("good but too long", rs256(key, header, {**good, "padding": "x" * 8192}))


def _flipped(key: Any, other: Any, curve: Any, header: Any, good: Any, jwk: Any) -> Iterator[Forged]:
    token = rs256(key, header, good)
    for place in range(0, len(token), max(1, len(token) // 100)):
        if token[place] != ".":
            other_sign = "A" if token[place] != "A" else "B"
            yield Forged(f"changed at {place}", token[:place] + other_sign + token[place + 1 :])
