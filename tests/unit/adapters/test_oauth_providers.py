"""Providers: which keys are asked for and how often, and what of their answers is believed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from tests.oracles.forged_tokens import forgeries
from tests.servers.provider import (
    APP_ID,
    APP_SECRET,
    CLIENT_ID,
    TestProvider,
    ec_key,
    public_jwk,
    rsa_key,
    running_provider,
)

from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.adapters.jwt import JwtIdTokens, SignedClientSecrets
from multiproduct.adapters.oauth import (
    APPLE,
    FACEBOOK,
    GOOGLE,
    FacebookProvider,
    KeySet,
    OpenIdProvider,
    ProviderFacts,
    SharedSecret,
)
from multiproduct.adapters.oauth.key_sets import (
    FRESH_SECONDS,
    RETRY_SECONDS,
    STALE_SECONDS,
    UNKNOWN_KEY_SECONDS,
)
from multiproduct.application.identity.social_ports import CodeGrant, Departure
from multiproduct.domain.identity import Provider, SocialTokenInvalid
from multiproduct.domain.shared import InvalidInput, NotConfigured, NotFound, Unavailable


class MovedTime:
    """Real time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def served() -> Iterator[TestProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def web() -> AsyncIterator[Httpx2WebClient]:
    client = Httpx2WebClient()
    yield client
    await client.close()


@pytest.fixture
def time() -> MovedTime:
    return MovedTime()


@pytest.fixture
def keys(served: TestProvider, web: Httpx2WebClient, time: MovedTime) -> KeySet:
    return KeySet(url=f"{served.url}/keys", web=web, real_time=time)


def placed(facts: ProviderFacts, served: TestProvider) -> ProviderFacts:
    return replace(
        facts,
        issuer=served.issuer,
        client_ids=(APP_ID,) if facts.provider is Provider.FACEBOOK else (CLIENT_ID, "our-app.example"),
        token_url=f"{served.url}/token",
        debug_url=f"{served.url}/debug",
        graph_url=f"{served.url}/graph",
    )


@pytest.fixture
def google(served: TestProvider, web: Httpx2WebClient, keys: KeySet) -> OpenIdProvider:
    return OpenIdProvider(
        facts=placed(GOOGLE, served),
        secrets=SharedSecret("secret"),
        keys=keys,
        id_tokens=JwtIdTokens(),
        web=web,
    )


@pytest.fixture
def apple(served: TestProvider, web: Httpx2WebClient, keys: KeySet) -> OpenIdProvider:
    return OpenIdProvider(
        facts=placed(APPLE, served), secrets=None, keys=keys, id_tokens=JwtIdTokens(), web=web
    )


@pytest.fixture
def facebook(served: TestProvider, web: Httpx2WebClient, keys: KeySet) -> FacebookProvider:
    openid = OpenIdProvider(
        facts=placed(FACEBOOK, served),
        secrets=SharedSecret(APP_SECRET),
        keys=keys,
        id_tokens=JwtIdTokens(),
        web=web,
    )
    return FacebookProvider(openid=openid, app_secret=APP_SECRET, web=web)


def now() -> datetime:
    return datetime.now(UTC)


async def test_keys_are_fetched_once_while_they_are_fresh(
    served: TestProvider, keys: KeySet, time: MovedTime
) -> None:
    for _ in range(3):
        assert len(await keys.having("key-1")) == 1
    time.seconds += FRESH_SECONDS - 1
    await keys.having("key-1")
    assert served.asked["/keys"] == 1
    time.seconds += 1
    await keys.having("key-1")
    assert served.asked["/keys"] == 2


async def test_an_unknown_key_is_asked_for_at_most_once_a_minute(
    served: TestProvider, keys: KeySet, time: MovedTime
) -> None:
    await keys.having("key-1")
    time.seconds += UNKNOWN_KEY_SECONDS
    for number in range(50):
        await keys.having(f"made up {number}")
    assert served.asked["/keys"] == 2
    time.seconds += UNKNOWN_KEY_SECONDS - 1
    await keys.having("made up")
    assert served.asked["/keys"] == 2
    time.seconds += 1
    served.keys.append(public_jwk(rsa_key(1), "key-2"))
    assert {key["kid"] for key in await keys.having("key-2")} == {"key-1", "key-2"}
    assert served.asked["/keys"] == 3


async def test_all_who_wait_share_one_request(served: TestProvider, keys: KeySet) -> None:
    found = await asyncio.gather(*(keys.having("key-1") for _ in range(50)))
    assert all(len(each) == 1 for each in found)
    assert served.asked["/keys"] == 1


async def test_one_who_goes_away_takes_nobody_with_it(served: TestProvider, keys: KeySet) -> None:
    first = asyncio.ensure_future(keys.having("key-1"))
    second = asyncio.ensure_future(keys.having("key-1"))
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    assert len(await second) == 1


async def test_old_keys_stay_good_while_the_provider_is_down(
    served: TestProvider, keys: KeySet, time: MovedTime
) -> None:
    await keys.having("key-1")
    served.down = True
    time.seconds += FRESH_SECONDS
    for _ in range(5):
        assert len(await keys.having("key-1")) == 1
    assert served.asked["/keys"] == 2
    time.seconds += RETRY_SECONDS
    await keys.having("key-1")
    assert served.asked["/keys"] == 3
    time.seconds += STALE_SECONDS
    with pytest.raises(Unavailable):
        await keys.having("key-1")
    served.down = False
    time.seconds += RETRY_SECONDS
    assert len(await keys.having("key-1")) == 1


async def test_without_any_keys_nothing_is_believed(served: TestProvider, google: OpenIdProvider) -> None:
    served.down = True
    with pytest.raises(Unavailable):
        await google.by_id_token(served.token(), now=now())


@pytest.mark.parametrize("answer", [[], [{}], [{"kid": 1}], ["key"], None, "keys"])
async def test_what_is_no_key_set_is_none(served: TestProvider, keys: KeySet, answer: Any) -> None:
    served.keys = answer
    with pytest.raises(Unavailable):
        await keys.having("key-1")


async def test_forgeries_cost_at_most_one_request(served: TestProvider, google: OpenIdProvider) -> None:
    made = forgeries(
        key=rsa_key(),
        other=rsa_key(1),
        curve=ec_key(1),
        good=served.claims(),
        jwk=public_jwk(rsa_key(), "key-1"),
    )
    refused = 0
    for forged in made:
        with pytest.raises(SocialTokenInvalid):
            await google.by_id_token(forged.token, now=now())
        refused += 1
    assert refused >= 500
    assert served.asked == {"/keys": 1}


async def test_what_is_too_long_costs_no_request(served: TestProvider, google: OpenIdProvider) -> None:
    for size in (8_193, 1_048_576):
        with pytest.raises(SocialTokenInvalid):
            await google.by_id_token("e" * size + ".e.e", now=now())
    assert served.asked == {}


async def test_an_id_token_tells_who_it_is(served: TestProvider, google: OpenIdProvider) -> None:
    token = served.token(
        nonce="n",
        email="Ada@gmail.com",
        email_verified=True,
        hd="stark.com",
        given_name=" Ada\n",
        family_name=3,
    )
    proved = await google.by_id_token(token, now=now())
    found = proved.identity
    assert proved.nonce == "n"
    assert (found.provider, found.issuer, found.subject) == (Provider.GOOGLE, served.issuer, "subject-1")
    assert (str(found.email), found.email_verified, found.hosted_domain) == (
        "Ada@gmail.com",
        True,
        "stark.com",
    )
    assert (found.first_name, found.last_name) == ("Ada", "")


async def test_googles_two_issuers_are_one(served: TestProvider, google: OpenIdProvider) -> None:
    proved = await google.by_id_token(served.token(iss="accounts.google.com"), now=now())
    assert proved.identity.issuer == served.issuer


@pytest.mark.parametrize(
    ("claim", "verified"),
    [
        (True, True),
        ("true", True),
        (False, False),
        ("false", False),
        ("True", False),
        (1, False),
        (None, False),
    ],
)
async def test_an_address_is_verified_only_where_it_says_so(
    served: TestProvider, apple: OpenIdProvider, claim: Any, verified: object
) -> None:
    token = served.token(email="ada@stark.com", email_verified=claim)
    assert (await apple.by_id_token(token, now=now())).identity.email_verified is verified


async def test_an_access_token_of_google_is_not_believed(google: OpenIdProvider) -> None:
    with pytest.raises(InvalidInput):
        await google.by_access_token("ya29.x", now=now())


async def test_the_browser_is_sent_away_with_everything_that_binds_the_answer(google: OpenIdProvider) -> None:
    url = google.departure(
        Departure(redirect_uri="https://shop.example/back?a=1", state="s", nonce="n", challenge="c")
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "https://shop.example/back?a=1",
        "scope": "openid email profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


async def test_without_a_secret_no_browser_is_sent_away(apple: OpenIdProvider) -> None:
    assert apple.posts_back
    with pytest.raises(NotConfigured):
        apple.departure(Departure(redirect_uri="https://shop.example/", state="s", nonce="n", challenge="c"))


GRANT = CodeGrant(code="code-1", verifier="v" * 43, redirect_uri="https://shop.example/back")


async def test_a_code_is_exchanged_for_an_id_token_with_a_nonce(
    served: TestProvider, google: OpenIdProvider
) -> None:
    served.codes["code-1"] = {"id_token": served.token(nonce="n")}
    assert (await google.by_code(GRANT, now=now())).identity.subject == "subject-1"
    assert served.forms == [
        {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": "https://shop.example/back",
            "client_id": CLIENT_ID,
            "client_secret": "secret",
            "code_verifier": "v" * 43,
        }
    ]


@pytest.mark.parametrize(
    "answer", [{}, {"id_token": None}, {"id_token": 1}, {"access_token": "x"}, "no nonce"]
)
async def test_an_answer_without_such_a_token_is_refused(
    served: TestProvider, google: OpenIdProvider, answer: Any
) -> None:
    served.codes["code-1"] = {"id_token": served.token()} if answer == "no nonce" else answer
    with pytest.raises(SocialTokenInvalid):
        await google.by_code(GRANT, now=now())


async def test_a_refused_code_and_a_provider_that_is_down_are_told_apart(
    served: TestProvider, google: OpenIdProvider
) -> None:
    with pytest.raises(SocialTokenInvalid):
        await google.by_code(GRANT, now=now())
    served.down = True
    with pytest.raises(Unavailable):
        await google.by_code(GRANT, now=now())


def test_apples_client_secret_is_signed_by_the_teams_key() -> None:
    pem = ec_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for written in (pem.decode(), pem.decode().replace("\n", "\\n")):
        secrets = SignedClientSecrets(
            team_id="TEAM",
            client_id="client",
            key_id="KEY",
            private_key=written,
            audience="https://apple.example",
        )
        secret = secrets.current(now=now())
        claims = jwt.decode(secret, ec_key().public_key(), ["ES256"], audience="https://apple.example")
        assert jwt.get_unverified_header(secret)["kid"] == "KEY"
        assert (claims["iss"], claims["sub"]) == ("TEAM", "client")
        assert 0 < claims["exp"] - claims["iat"] <= 15_777_000


@pytest.mark.parametrize("written", ["", "no key", "rsa"])
def test_another_key_than_apples_is_refused_when_it_is_needed(written: str) -> None:
    if written == "rsa":
        written = (
            rsa_key()
            .private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            .decode()
        )
    secrets = SignedClientSecrets(
        team_id="TEAM",
        client_id="client",
        key_id="KEY",
        private_key=written,
        audience="https://apple.example",
    )
    with pytest.raises(ValueError, match="private key"):
        secrets.current(now=now())


def a_good_answer(**changed: Any) -> dict[str, Any]:
    return {"app_id": APP_ID, "is_valid": True, "type": "USER", "user_id": "77", "expires_at": 0, **changed}


async def test_an_access_token_of_facebook_is_believed_after_two_calls(
    served: TestProvider, facebook: FacebookProvider
) -> None:
    served.debug["token-1"] = a_good_answer()
    served.people["token-1"] = {"id": "77", "first_name": "Ada", "email": "ada@gmail.com", "verified": True}
    found = (await facebook.by_access_token("token-1", now=now())).identity
    assert (found.subject, found.first_name, str(found.email)) == ("77", "Ada", "ada@gmail.com")
    assert not found.email_verified
    assert served.asked == {"/debug": 1, "/graph": 1}


@pytest.mark.parametrize(
    "told",
    [
        a_good_answer(app_id="another"),
        a_good_answer(is_valid=False),
        a_good_answer(is_valid="true"),
        a_good_answer(is_valid=1),
        a_good_answer(type="PAGE"),
        a_good_answer(type="APP"),
        a_good_answer(user_id=None),
        a_good_answer(user_id=77),
        a_good_answer(user_id=""),
        a_good_answer(expires_at=1),
        a_good_answer(expires_at="never"),
        a_good_answer(expires_at=True),
        {},
        [],
        None,
    ],
)
async def test_a_token_made_for_another_application_is_refused_before_the_second_call(
    served: TestProvider, facebook: FacebookProvider, told: Any
) -> None:
    """The confused deputy: any application's token names the same person."""
    served.debug["token-1"] = told
    served.people["token-1"] = {"id": "77"}
    with pytest.raises(SocialTokenInvalid):
        await facebook.by_access_token("token-1", now=now())
    assert served.asked == {"/debug": 1}


@pytest.mark.parametrize("person", [{"id": "78"}, {"id": 77}, {}])
async def test_another_person_than_the_tokens_is_refused(
    served: TestProvider, facebook: FacebookProvider, person: Any
) -> None:
    served.debug["token-1"] = a_good_answer()
    served.people["token-1"] = person
    with pytest.raises(SocialTokenInvalid):
        await facebook.by_access_token("token-1", now=now())


@pytest.mark.parametrize("token", ["x" * 4097, "with\nline", "café"])
async def test_what_is_no_token_of_facebook_costs_no_request(
    served: TestProvider, facebook: FacebookProvider, token: str
) -> None:
    with pytest.raises(SocialTokenInvalid):
        await facebook.by_access_token(token, now=now())
    assert served.asked == {}


async def test_a_limited_login_is_believed_by_its_signature_and_proves_no_mailbox(
    served: TestProvider, facebook: FacebookProvider
) -> None:
    token = served.token(aud=APP_ID, email="ada@gmail.com", email_verified=True)
    found = (await facebook.by_id_token(token, now=now())).identity
    assert (found.provider, found.email_verified) == (Provider.FACEBOOK, False)
    with pytest.raises(SocialTokenInvalid):
        await facebook.by_id_token(served.token(), now=now())


async def test_only_apple_sends_notices(
    served: TestProvider, google: OpenIdProvider, facebook: FacebookProvider
) -> None:
    for provider in (google, facebook):
        with pytest.raises(NotFound):
            await provider.notice(served.token(), now=now())


@pytest.mark.parametrize("moment", [1_700_000_000, 1_700_000_000_000])
@pytest.mark.parametrize("as_text", [True, False])
async def test_a_notice_of_apple_is_read(
    served: TestProvider, apple: OpenIdProvider, moment: int, as_text: object
) -> None:
    event = {"type": "consent-revoked", "sub": "subject-1", "event_time": moment}
    claims = served.claims(jti="1", events=json.dumps(event) if as_text else event)
    claims.pop("exp")
    claims.pop("sub")
    notice = await apple.notice(served.signed(claims), now=now())
    assert (notice.kind, notice.subject, notice.issuer) == ("consent-revoked", "subject-1", served.issuer)
    assert notice.happened_at.timestamp() == 1_700_000_000


@pytest.mark.parametrize(
    "events",
    [None, "", "{", "[]", [], {}, {"type": 1, "sub": "s", "event_time": 1},
     {"type": "t", "sub": 1, "event_time": 1},
     {"type": "t", "sub": "s"}, {"type": "t", "sub": "s", "event_time": True},
     {"type": "t", "sub": "s", "event_time": -1},
     {"type": "t", "sub": "s", "event_time": 10**30}],
)  # fmt: skip
async def test_a_notice_that_says_nothing_is_refused(
    served: TestProvider, apple: OpenIdProvider, events: Any
) -> None:
    with pytest.raises(SocialTokenInvalid):
        await apple.notice(served.token(jti="1", events=events), now=now())
