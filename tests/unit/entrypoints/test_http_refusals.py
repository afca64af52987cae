"""What people and programs are told where nothing is, or where nobody is signed in."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, Service, ask, running_service

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This page does not exist"),
        ("es", "Esta página no existe"),
        ("fa", "این صفحه وجود ندارد"),
        ("kn", "ಈ ಪುಟ ಅಸ್ತಿತ್ವದಲ್ಲಿಲ್ಲ"),
        ("ta", "இந்தப் பக்கம் இல்லை"),
        ("zh-TW", "此頁面不存在"),
    ],
)
async def test_a_browser_that_went_astray_gets_a_page_in_the_persons_language(
    service, language, words
) -> None:
    answer = await service.client.get(
        "/no/such/page", headers={"accept": BROWSER, "accept-language": language}
    )
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "application/json", "application/problem+json", "application/json, text/html;q=0.5"],
)
async def test_a_program_that_went_astray_gets_a_problem_document(service, accept) -> None:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    answer = await ask(service.app, "/no/such/page", headers=headers)
    assert (answer.status, answer.header("content-type")) == (404, "application/problem+json")


async def test_an_astray_browser_is_led_to_the_sign_in_where_the_service_is_mounted(service) -> None:
    answer = await ask(service.app, "/x", headers=[(b"accept", BROWSER.encode())], root_path="/shop")
    assert (answer.status, b'href="/shop/account/sign-in/"' in answer.body) == (404, True)


async def test_each_reason_for_a_401_has_words_of_its_own(service) -> None:
    await service.signed_up()
    tokens = await service.signed_in()
    good = f"Bearer {tokens['access']}"

    async def told(authorization: str | None) -> tuple[str, str, str]:
        headers = {} if authorization is None else {"authorization": authorization}
        answer = await service.client.get(f"{BASE}/me", headers=headers)
        assert answer.status_code == 401
        problem = answer.json()
        return problem["code"], problem["title"], answer.headers["www-authenticate"]

    invalid = 'Bearer error="invalid_token"'
    assert await told(None) == ("unauthenticated", "Please sign in", "Bearer")
    for nonsense in ("Bearer nonsense", "Bearer", "Basic eDp5", "Bearer a.b.c"):
        assert await told(nonsense) == ("token_invalid", "This token is not valid", invalid)
    await service.post(f"{BASE}/sign-out", refresh=tokens["refresh"])
    assert await told(good) == ("session_ended", "Your session has ended", invalid)
    await service.client.post("/dev/clock", json={"advance": "PT10M"})
    assert await told(good) == ("token_expired", "This token has expired", invalid)


@pytest.mark.parametrize("language", ["es", "fa", "kn", "ta", "zh-Hant"])
async def test_a_401_is_told_in_the_clients_language(service, language) -> None:
    english = (await service.client.get(f"{BASE}/me", headers={"authorization": "Bearer x"})).json()
    answer = await service.client.get(
        f"{BASE}/me", headers={"authorization": "Bearer x", "accept-language": language}
    )
    assert answer.json()["code"] == english["code"]
    assert answer.json()["title"] != english["title"]
    assert answer.json()["detail"] != english["detail"]
