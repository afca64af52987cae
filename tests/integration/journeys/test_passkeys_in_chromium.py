"""Passkeys in a real browser with its virtual authenticator, against a real server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.integration.journeys.installation import Installation
from tests.integration.journeys.person import Person

playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs a browser: chromium, chromium-browser or google-chrome on the PATH"
)
BASE = "/api/v1/identity"
PATIENCE_MILLISECONDS = 30_000

CREATE = """async (options) => {
    const made = await navigator.credentials.create(
        { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    return made.toJSON();
}"""
GET = """async (options) => {
    const found = await navigator.credentials.get(
        { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return found.toJSON();
}"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    house = Installation(tmp_path / "house")
    # Browsers give no passkeys to addresses of numbers.
    house.environment["MULTIPRODUCT_BASE_URL"] = f"http://localhost:{house.port}"
    with house:
        house.start_server()
        yield house


@contextmanager
def a_page(installation: Installation, **changed: Any) -> Iterator[tuple[Any, Any, str]]:
    """A page of the server, what speaks to its browser, and the id of its virtual authenticator."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            page.goto(f"http://localhost:{installation.port}/livez")
            session = page.context.new_cdp_session(page)
            session.send("WebAuthn.enable")
            options = {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                **changed,
            }
            added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
            yield page, session, added["authenticatorId"]
        finally:
            browser.close()


def _signed_up_and_in(person: Person) -> dict[str, str]:
    sent = person.sign_up()
    assert person.verify(sent["challenge_id"], person.code()).status_code == 201
    return {"authorization": f"Bearer {person.sign_in()['access']}"}


def _register(client: httpx2.Client, bearer: dict[str, str], page: Any) -> httpx2.Response:
    offered = client.post(f"{BASE}/passkeys/registration/options", headers=bearer).json()
    credential = page.evaluate(CREATE, offered["public_key"])
    answer = {"challenge_id": offered["challenge_id"], "credential": credential, "name": "Chromium"}
    return client.post(f"{BASE}/passkeys/registration", headers=bearer, json=answer)


def _sign_in(client: httpx2.Client, page: Any) -> httpx2.Response:
    offered = client.post(f"{BASE}/passkeys/authentication/options").json()
    credential = page.evaluate(GET, offered["public_key"])
    answer = {"challenge_id": offered["challenge_id"], "credential": credential}
    return client.post(f"{BASE}/passkeys/authentication", json=answer)


@needs_browser
def test_somebody_makes_a_passkey_in_a_browser_and_signs_in_without_a_name(
    installation: Installation,
) -> None:
    with Person(installation.base_url, "tony@stark.com") as person:
        client, bearer = person.http, _signed_up_and_in(person)
        with a_page(installation) as (page, session, authenticator):
            made = _register(client, bearer, page)
            assert made.status_code == 201, made.text
            assert made.json()["signs_in_alone"] is True
            signed_in = _sign_in(client, page)
            assert signed_in.status_code == 200, signed_in.text
            access = {"authorization": f"Bearer {signed_in.json()['access']}"}
            assert client.get(f"{BASE}/me", headers=access).json()["email"] == "tony@stark.com"
            kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
            (credential,) = kept["credentials"]
            assert credential["isResidentCredential"] is True
            _present_a_copy(session, authenticator, credential)
            assert _sign_in(client, page).status_code == 401
            (suspended,) = client.get(f"{BASE}/passkeys", headers=access).json()["items"]
            assert suspended["is_suspended"] is True


def _present_a_copy(session: Any, authenticator: str, credential: dict[str, Any]) -> None:
    """The credential once more, as it was before its last use."""
    named = {"authenticatorId": authenticator, "credentialId": credential["credentialId"]}
    session.send("WebAuthn.removeCredential", named)
    copied = {**credential, "signCount": 0}
    session.send("WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": copied})


@needs_browser
def test_an_authenticator_that_cannot_verify_its_user_is_no_way_in_by_itself(
    installation: Installation,
) -> None:
    with Person(installation.base_url, "tony@stark.com") as person:
        client, bearer = person.http, _signed_up_and_in(person)
        with a_page(installation, hasUserVerification=False, isUserVerified=False) as (page, _, _id):
            made = _register(client, bearer, page)
            assert made.status_code == 201, made.text
            assert made.json()["signs_in_alone"] is False
            with pytest.raises(playwright.Error, match="NotAllowedError"):
                _sign_in(client, page)
