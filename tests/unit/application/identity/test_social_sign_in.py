"""Signing in with an account at a provider: by its tokens, and by the way there and back."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from tests.servers.provider import APP_ID, TestProvider, ec_key
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, signed_in
from tests.unit.application.identity.social import GMAIL, caller_of, come_from, social_house

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    RequestPasswordReset,
    SignInWithPassword,
    SocialCallback,
    SocialDeparture,
    SocialProof,
    StartSocial,
    Tokens,
)
from multiproduct.application.identity.social_proving import hash_of
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import (
    EmailAddress,
    InvalidCredentials,
    LinkRequired,
    Provider,
    SocialDenied,
    SocialStateInvalid,
    SocialTokenInvalid,
    User,
    Username,
    UserStatus,
)
from multiproduct.domain.shared import InvalidInput, NotConfigured, Unavailable
from multiproduct.entrypoints.library import Multiproduct

GOOGLE, APPLE, FACEBOOK = Provider.GOOGLE, Provider.APPLE, Provider.FACEBOOK


async def a_local_user(house: Multiproduct, email: str, *, verified: bool) -> User:
    """As an import leaves one."""
    now = house.container.clock.now()
    user = User(
        id=house.container.ids.for_user(),
        username=Username.parse(f"local.{email.partition('@')[0].replace('+', '')}"),
        email=EmailAddress.parse(email),
        email_verified=verified,
        password_hash=await house.container.identity.registration._hasher.hash(PASSWORD),
        created_at=now,
        updated_at=now,
    )
    async with house.container.units.open(SYSTEM) as unit:
        await unit.users.add(user)
        await unit.commit()
    return user


async def accounts_of(house: Multiproduct, user_id: UUID) -> list[Any]:
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.social_accounts.of_user(user_id))


async def events(house: Multiproduct, name: str) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event=name)))


async def test_somebody_new_gets_a_user_with_the_address_that_google_owns() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, **GMAIL, given_name="Ada", family_name="Lovelace")
        assert (tokens.user.email, tokens.user.is_email_verified) == ("ada@gmail.com", True)
        assert (tokens.user.first_name, tokens.user.last_name) == ("Ada", "Lovelace")
        assert tokens.user.username_changeable
        principal = await house.identity.authenticating.principal(tokens.access)
        assert principal.methods == ("fed",)
        assert await events(house, "identity.user_registered") == 1
        again = await come_from(house, provider, **GMAIL)
        assert again.user.id == tokens.user.id
        assert len(await accounts_of(house, tokens.user.id)) == 1


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        (GOOGLE, {"email": "ada@stark.com", "email_verified": True}),
        (GOOGLE, {"email": "ada@gmail.com", "email_verified": False}),
        (APPLE, {"email": "ada@stark.com", "email_verified": "false"}),
        (FACEBOOK, {"email": "ada@gmail.com", "email_verified": True}),
        (GOOGLE, {}),
    ],
)
async def test_an_address_that_is_not_proved_is_not_taken_over(
    name: Provider, claims: dict[str, Any]
) -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, name, **claims)
        assert (tokens.user.email, tokens.user.is_email_verified) == (None, False)
        if claims:
            member = await a_member(house, claims["email"])
            assert member.id != tokens.user.id
            await house.identity.password_reset.request(RequestPasswordReset(email=claims["email"]))
            with pytest.raises(InvalidCredentials):
                await house.identity.sign_in.with_password(
                    SignInWithPassword(username=tokens.user.username, password=PASSWORD)
                )


async def test_a_mailbox_that_both_sides_proved_is_linked_and_its_owner_told() -> None:
    async with social_house() as (house, provider):
        member = await a_member(house, "ada@gmail.com")
        tokens = await come_from(house, provider, **GMAIL)
        assert tokens.user.id == member.id
        assert "linked" in await latest_mail(house, "ada@gmail.com")


async def test_a_mailbox_of_a_hosted_domain_is_linked() -> None:
    async with social_house() as (house, provider):
        member = await a_member(house, "ada@stark.com")
        claims = {"email": "ada@stark.com", "email_verified": True, "hd": "stark.com"}
        assert (await come_from(house, provider, **claims)).user.id == member.id


async def test_apples_relay_address_is_proved() -> None:
    async with social_house() as (house, provider):
        claims = {
            "email": "x7f@privaterelay.appleid.com",
            "email_verified": "true",
            "is_private_email": "true",
        }
        tokens = await come_from(house, provider, APPLE, **claims)
        assert (tokens.user.email, tokens.user.is_email_verified) == ("x7f@privaterelay.appleid.com", True)


async def test_a_vouched_address_of_a_user_asks_for_a_link_and_leaves_nothing_behind() -> None:
    async with social_house() as (house, provider):
        member = await a_member(house, "ada@stark.com")
        with pytest.raises(LinkRequired):
            await come_from(house, provider, email="ada@stark.com", email_verified=True)
        assert await accounts_of(house, member.id) == []
        assert await events(house, "identity.sign_in_refused") == 1
        assert await events(house, "identity.user_registered") == 1


async def test_a_claimed_address_tells_nobody_who_has_an_account() -> None:
    async with social_house() as (house, provider):
        member = await a_member(house, "ada@gmail.com")
        for name, claims in ((FACEBOOK, GMAIL), (GOOGLE, {**GMAIL, "email_verified": False})):
            tokens = await come_from(house, provider, name, f"of {name}", **claims)
            assert tokens.user.id != member.id
            assert tokens.user.email is None


async def test_an_unverified_local_account_that_lies_in_wait_is_not_linked() -> None:
    """Classic-federated pre-hijacking (GHSA-qq9h-g4jm-xgf3): the attacker made it and knows its password."""
    async with social_house() as (house, provider):
        waiting = await a_local_user(house, "ada@gmail.com", verified=False)
        with pytest.raises(LinkRequired):
            await come_from(house, provider, **GMAIL)
        assert await accounts_of(house, waiting.id) == []


async def test_an_account_is_known_by_its_subject_though_its_address_changes_hands() -> None:
    """Accounts keyed by a changeable name were taken over (django-allauth 65.13.0; SuperTokens #447)."""
    async with social_house() as (house, provider):
        first = await come_from(house, provider, subject="one", **GMAIL)
        moved = await come_from(house, provider, subject="one", email="other@gmail.com", email_verified=True)
        assert (moved.user.id, moved.user.email) == (first.user.id, "ada@gmail.com")
        victim = await a_member(house, "victim@gmail.com")
        still = await come_from(house, provider, subject="one", email="victim@gmail.com", email_verified=True)
        assert still.user.id == first.user.id != victim.id


async def test_a_subject_of_one_issuer_is_nobody_at_another() -> None:
    apple = "issuer=https://apple.example,keys={url}/keys"
    async with social_house(apple_endpoints=apple) as (house, provider):
        first = await come_from(house, provider, GOOGLE, "same")
        second = await come_from(house, provider, APPLE, "same", iss="https://apple.example")
        assert first.user.id != second.user.id
        with pytest.raises(SocialTokenInvalid):
            await come_from(house, provider, APPLE, "same")


async def test_whoever_may_not_sign_in_does_not_by_a_provider_either() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, **GMAIL)
        async with house.container.units.open(SYSTEM) as unit:
            user = await unit.users.find(tokens.user.id)
            user.status = UserStatus.SUSPENDED
            await unit.users.save(user)
            await unit.commit()
        for subject in ("subject-1", "another at the same mailbox"):
            with pytest.raises(InvalidCredentials):
                await come_from(house, provider, subject=subject, **GMAIL)
        assert len(await accounts_of(house, tokens.user.id)) == 1


async def test_a_name_that_the_client_tells_is_taken_at_the_first_sign_in_only() -> None:
    async with social_house() as (house, provider):
        for name in ("Ada", "Mallory"):
            proof = SocialProof(id_token=provider.token("s"), first_name=name)
            tokens = await house.identity.social_sign_in.by_token(APPLE, proof)
            assert isinstance(tokens, Tokens)
            assert tokens.user.first_name == "Ada"


@pytest.mark.parametrize("given", [{}, {"id_token": "a.b.c", "access_token": "x"}])
async def test_just_one_token_is_taken(given: dict[str, str]) -> None:
    async with social_house() as (house, _):
        with pytest.raises(InvalidInput):
            await house.identity.social_sign_in.by_token(GOOGLE, SocialProof(**given))


async def test_a_provider_without_a_client_id_is_not_configured() -> None:
    async with social_house(google_client_id="", apple_client_id=" , ", facebook_app_secret="") as (house, _):
        for name in Provider:
            with pytest.raises(NotConfigured):
                await house.identity.social_sign_in.by_token(name, SocialProof(id_token="a.b.c"))
            with pytest.raises(NotConfigured):
                await house.identity.social_proving.start(name, StartSocial())


async def test_of_many_first_sign_ins_at_once_one_makes_the_user() -> None:
    async with social_house() as (house, provider):
        found = await asyncio.gather(*(come_from(house, provider, **GMAIL) for _ in range(20)))
        assert len({tokens.user.id for tokens in found}) == 1
        assert await events(house, "identity.user_registered") == 1


@pytest.mark.parametrize("form", ["itself", "its hash"])
async def test_a_nonce_binds_one_token_once(form: str) -> None:
    async with social_house() as (house, provider):
        nonce = (await house.identity.social_proving.nonce()).nonce
        token = provider.token(nonce=nonce if form == "itself" else hash_of(nonce))
        proof = SocialProof(id_token=token, nonce=nonce)
        await house.identity.social_sign_in.by_token(APPLE, proof)
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_sign_in.by_token(APPLE, proof)


async def test_a_token_with_a_nonce_needs_one_of_ours() -> None:
    async with social_house() as (house, provider):
        ours = [(await house.identity.social_proving.nonce()).nonce for _ in range(2)]
        refused = [
            SocialProof(id_token=provider.token(nonce="the client's own")),
            SocialProof(id_token=provider.token(nonce="the client's own"), nonce="the client's own"),
            SocialProof(id_token=provider.token(nonce=ours[0]), nonce=ours[1]),
            SocialProof(id_token=provider.token(), nonce=ours[0]),
            SocialProof(id_token=provider.token(nonce=hash_of(ours[0]))),
        ]
        for proof in refused:
            with pytest.raises(SocialTokenInvalid):
                await house.identity.social_sign_in.by_token(GOOGLE, proof)
        assert await events(house, "identity.user_registered") == 0
        await house.identity.social_sign_in.by_token(
            GOOGLE, SocialProof(id_token=provider.token(nonce=ours[0]))
        )


async def test_a_nonce_is_good_for_ten_minutes() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        nonce = (await house.identity.social_proving.nonce()).nonce
        clock.pass_by(timedelta(minutes=10))
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_sign_in.by_token(
                GOOGLE, SocialProof(id_token=provider.token(nonce=nonce), nonce=nonce)
            )


async def test_a_refused_sign_in_uses_its_nonce_up() -> None:
    async with social_house() as (house, provider):
        await a_member(house, "ada@stark.com")
        nonce = (await house.identity.social_proving.nonce()).nonce
        token = provider.token(nonce=nonce, email="ada@stark.com", email_verified=True)
        with pytest.raises(LinkRequired):
            await house.identity.social_sign_in.by_token(GOOGLE, SocialProof(id_token=token))
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_sign_in.by_token(GOOGLE, SocialProof(id_token=token))


def sent_away(departure: SocialDeparture) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}


def let_in(
    provider: TestProvider, departure: SocialDeparture, code: str = "code-1", **claims: Any
) -> SocialCallback:
    """What the provider does when the person agrees; answers what the browser brings back."""
    query = sent_away(departure)
    provider.codes[code] = {"id_token": provider.token(**{"nonce": query["nonce"], **claims})}
    provider.challenges[code] = query["code_challenge"]
    return SocialCallback(state=query["state"], code=code)


async def test_the_way_there_and_back_signs_in() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        assert sent_away(departure)["redirect_uri"].endswith("/api/v1/identity/social/google/callback")
        back = let_in(provider, departure, **GMAIL)
        tokens = await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)
        assert isinstance(tokens, Tokens)
        assert tokens.user.email == "ada@gmail.com"


async def test_a_state_is_good_once_in_its_browser_at_its_provider_and_for_ten_minutes() -> None:
    """Another browser's state signs nobody in (Authlib GHSA-fg6f-75jq-6523: login CSRF)."""
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        sign_in = house.identity.social_sign_in.by_code
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        other = await house.identity.social_proving.start(GOOGLE, StartSocial())
        back = let_in(provider, departure)
        for name, browser in (
            (GOOGLE, None),
            (GOOGLE, ""),
            (GOOGLE, other.browser),
            (APPLE, departure.browser),
        ):
            with pytest.raises(SocialStateInvalid):
                await sign_in(name, back, browser=browser)
        clock.pass_by(timedelta(minutes=10))
        with pytest.raises(SocialStateInvalid):
            await sign_in(GOOGLE, back, browser=departure.browser)
        clock.pass_by(-timedelta(seconds=1))
        await sign_in(GOOGLE, let_in(provider, departure), browser=departure.browser)
        with pytest.raises(SocialStateInvalid):
            await sign_in(GOOGLE, let_in(provider, departure), browser=departure.browser)


async def test_of_many_that_come_back_with_one_state_one_signs_in() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        back = let_in(provider, departure)

        async def one() -> str:
            try:
                await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)
            except SocialStateInvalid:
                return "refused"
            return "in"

        assert Counter(await asyncio.gather(*(one() for _ in range(50)))) == {"in": 1, "refused": 49}
        assert provider.asked["/token"] == 1


async def test_a_token_for_another_departure_is_refused() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        back = let_in(provider, departure, nonce="another")
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)


async def test_a_stolen_code_is_worth_nothing_in_another_departure() -> None:
    async with social_house() as (house, provider):
        victims = await house.identity.social_proving.start(GOOGLE, StartSocial())
        let_in(provider, victims, "stolen", **GMAIL)
        mine = await house.identity.social_proving.start(GOOGLE, StartSocial())
        injected = SocialCallback(state=sent_away(mine)["state"], code="stolen")
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_sign_in.by_code(GOOGLE, injected, browser=mine.browser)


async def test_an_answer_of_another_issuer_is_refused_before_its_code_goes_anywhere() -> None:
    """The mix-up attack (RFC 9207)."""
    async with social_house() as (house, provider):
        for issuer, error in (("https://attacker.example", SocialStateInvalid), (provider.issuer, None)):
            departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
            back = let_in(provider, departure).model_copy(update={"iss": issuer})
            if error is None:
                await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)
                continue
            with pytest.raises(error):
                await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)
            assert provider.asked["/token"] == 0


async def test_a_person_who_calls_it_off_uses_the_state_up() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        state = sent_away(departure)["state"]
        with pytest.raises(SocialDenied):
            await house.identity.social_sign_in.by_code(
                GOOGLE, SocialCallback(state=state, error="access_denied"), browser=departure.browser
            )
        with pytest.raises(SocialStateInvalid):
            await house.identity.social_sign_in.by_code(
                GOOGLE, let_in(provider, departure), browser=departure.browser
            )


async def test_browsers_come_back_only_to_permitted_addresses() -> None:
    page = "https://shop.example/back"
    async with social_house(social_redirect_urls=f"{page}, https://other.example/") as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial(redirect_uri=page))
        assert sent_away(departure)["redirect_uri"] == page
        await house.identity.social_sign_in.by_code(
            GOOGLE, let_in(provider, departure), browser=departure.browser
        )
        assert provider.forms[0]["redirect_uri"] == page
        for wrong in (
            page + "/",
            page + "?x",
            "https://shop.example",
            "https://attacker.example/",
            page.upper(),
        ):
            with pytest.raises(InvalidInput):
                await house.identity.social_proving.start(GOOGLE, StartSocial(redirect_uri=wrong))


async def test_apple_has_its_form_read_for_the_name() -> None:
    pem = ec_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    given = {"apple_private_key": pem.decode(), "apple_team_id": "TEAM", "apple_key_id": "KEY"}
    async with social_house(**given) as (house, provider):
        departure = await house.identity.social_proving.start(APPLE, StartSocial())
        assert departure.posts_back
        assert sent_away(departure)["response_mode"] == "form_post"
        user = '{"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "victim@gmail.com"}'
        back = let_in(provider, departure).model_copy(update={"user": user})
        tokens = await house.identity.social_sign_in.by_code(APPLE, back, browser=departure.browser)
        assert isinstance(tokens, Tokens)
        assert (tokens.user.first_name, tokens.user.last_name) == ("Ada", "Lovelace")
        assert tokens.user.email is None
        for broken in ("{", "[]", '{"name": 1}', '{"name": {"firstName": 1}}'):
            departure = await house.identity.social_proving.start(APPLE, StartSocial())
            back = let_in(provider, departure).model_copy(update={"user": broken})
            await house.identity.social_sign_in.by_code(APPLE, back, browser=departure.browser)


async def test_a_code_of_facebook_signs_in_by_its_access_token() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(FACEBOOK, StartSocial())
        query = sent_away(departure)
        provider.codes["c"] = {"access_token": "t"}
        provider.challenges["c"] = query["code_challenge"]
        provider.debug["t"] = {"app_id": APP_ID, "is_valid": True, "type": "USER", "user_id": "77"}
        provider.people["t"] = {"id": "77", "email": "ada@gmail.com"}
        tokens = await house.identity.social_sign_in.by_code(
            FACEBOOK, SocialCallback(state=query["state"], code="c"), browser=departure.browser
        )
        assert isinstance(tokens, Tokens)
        assert tokens.user.email is None


async def test_a_provider_that_is_down_is_told_as_such_and_nobody_is_made() -> None:
    async with social_house() as (house, provider):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        back = let_in(provider, departure)
        provider.down = True
        with pytest.raises(Unavailable):
            await house.identity.social_sign_in.by_code(GOOGLE, back, browser=departure.browser)
        assert await events(house, "identity.user_registered") == 0


async def test_nothing_that_is_kept_of_a_departure_can_be_used() -> None:
    async with social_house() as (house, _):
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        await house.identity.social_proving.nonce()
        kept = repr(list(house.container.store._store.identity.social_states.rows.values()))  # type: ignore[attr-defined]
        kept += repr(
            [state.verifier for state in house.container.store._store.identity.social_states.rows.values()]
        )
        query = sent_away(departure)
        for secret in (query["state"], query["nonce"], departure.browser):
            assert secret not in kept
        assert query["state"] in departure.url
        assert departure.browser not in departure.url


async def test_a_signed_in_persons_departure_is_for_linking_only() -> None:
    async with social_house() as (house, provider):
        await a_member(house, "ada@stark.com")
        caller = await caller_of(house, await signed_in(house, "ada@stark.com"))
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial(), caller)
        with pytest.raises(SocialStateInvalid):
            await house.identity.social_sign_in.by_code(
                GOOGLE, let_in(provider, departure), browser=departure.browser, caller=ANYBODY
            )
        assert isinstance(caller, Caller)


async def test_what_expired_is_purged() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, _):
        await house.identity.social_proving.start(GOOGLE, StartSocial())
        await house.identity.social_proving.nonce()
        assert await house.identity.purging.run() == 0
        clock.pass_by(timedelta(minutes=11))
        assert await house.identity.purging.run() == 2
