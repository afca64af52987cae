"""The pages behind the links in mails."""

import re
from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

NEW_PASSWORD = "another long walk"
KNOWN = {"password": PASSWORD}
LANGUAGES = ["en", "es", "fa", "kn", "ta", "zh-Hant"]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


async def verification_link(service: Service, email: str = "tony@stark.com", **wished: str) -> str:
    await service.post(f"{BASE}/registration", email=email, password=PASSWORD, **wished)
    return await service.link(email, "verify-email")


async def reset_link(service: Service) -> str:
    await service.signed_up()
    await service.post(f"{BASE}/password-reset", email="tony@stark.com")
    return await service.link("tony@stark.com", "reset-password", count=3)


async def test_looking_at_a_verification_link_changes_nothing_and_its_button_verifies(service) -> None:
    link = await verification_link(service, username="tony.s")
    for method in ("GET", "HEAD", "GET"):
        page = await service.client.request(method, link)
        assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert "<script" not in page.text
    done = await service.client.post(link, data=KNOWN)
    assert (done.status_code, "You are verified." in done.text) == (200, True)
    assert "Your username is tony.s" in done.text
    assert 'href="/account/sign-in/"' in done.text
    assert (await service.signed_in())["user"]["is_email_verified"] is True


async def test_a_click_alone_confirms_nobodys_sign_up(service) -> None:
    link = await verification_link(service)
    page = await service.client.get(link)
    assert 'name="password"' in page.text
    assert "The password that you chose when you signed up." in page.text
    for data, words in (
        (None, "This is required."),
        ({"password": ""}, "This is required."),
        ({"password": NEW_PASSWORD}, "This is not the password that was chosen at sign-up."),
        ({"password": "x" * 2_000}, "Use at most 1,024 characters."),
    ):
        refused = await service.client.post(link, data=data)
        assert (refused.status_code, words in refused.text) == (422, True)
        assert 'name="username"' not in refused.text
    assert (await service.client.post(link, data=KNOWN)).status_code == 200


async def test_whoever_does_not_know_the_password_of_the_sign_up_chooses_another(service) -> None:
    link = await verification_link(service)
    assert 'href="?password=new"' in (await service.client.get(link)).text
    other = f"{link}?password=new"
    assert 'name="new_password"' in (await service.client.get(other)).text
    weak = await service.client.post(other, data={"new_password": "password1"})
    assert (weak.status_code, "too common" in weak.text) == (422, True)
    unnamed = await service.client.post(other)
    assert (unnamed.status_code, "This is required." in unnamed.text) == (422, True)
    done = await service.client.post(other, data={"new_password": NEW_PASSWORD})
    assert (done.status_code, "You are verified." in done.text) == (200, True)
    sign_in = [
        await service.post(f"{BASE}/sign-in", email="tony@stark.com", password=each)
        for each in (PASSWORD, NEW_PASSWORD)
    ]
    assert [answer.status_code for answer in sign_in] == [401, 200]


async def test_a_used_link_says_so_before_and_after_the_button(service) -> None:
    link = await verification_link(service)
    await service.client.post(link, data=KNOWN)
    for answer in (await service.client.get(link), await service.client.post(link)):
        assert answer.status_code == 410
        assert "This link has been used" in answer.text
        assert 'href="/account/sign-in/"' in answer.text
        assert "<form" not in answer.text


async def test_an_expired_link_says_so_and_what_to_do_next(service) -> None:
    verification, reset = await verification_link(service, "other@stark.com"), await reset_link(service)
    await service.client.post("/dev/clock", json={"advance": "PT10M"})
    for link, next_step in (
        (verification, "Sign up again"),
        (reset, 'href="/account/reset-password/">Ask for a new mail</a>'),
    ):
        for method in ("GET", "POST"):
            data = {"new_password": NEW_PASSWORD} if method == "POST" else None
            answer = await service.client.request(method, link, data=data)
            assert (answer.status_code, "This link has expired" in answer.text) == (410, True)
            assert next_step in answer.text
            assert "<form" not in answer.text


async def test_a_link_that_a_newer_mail_replaced_is_told_before_a_password_is_typed(service) -> None:
    older = await verification_link(service)
    await service.client.post("/dev/clock", json={"advance": "PT1M"})
    await service.post(f"{BASE}/registration/resend", email="tony@stark.com")
    newer = await service.link("tony@stark.com", "verify-email", count=2)
    replaced = await service.client.get(older)
    assert (replaced.status_code, "newest mail" in replaced.text) == (404, True)
    assert (await service.client.get(newer)).status_code == 200


async def test_a_link_is_good_on_its_own_page_only(service) -> None:
    token = (await verification_link(service)).rpartition("/")[2]
    assert (await service.client.get(f"/reset-password/{token}")).status_code == 404
    assert (await service.client.get(f"/verify-email/{token}")).status_code == 200


async def test_whoever_has_not_the_right_token_is_not_told_what_became_of_it(service) -> None:
    link = await verification_link(service)
    await service.client.post(link, data=KNOWN)
    forged = link[:-1] + ("A" if link[-1] != "A" else "Q")
    assert (await service.client.get(link)).status_code == 410
    answer = await service.client.get(forged)
    assert (answer.status_code, "has been used" in answer.text) == (404, False)


@pytest.mark.parametrize("token", ["x", "a" * 200, "%00", "%ff", "%3Cscript%3E", "A" * 43])
@pytest.mark.parametrize("page", ["verify-email", "reset-password"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_is_none_is_refused_kindly(service, page, token, method) -> None:
    data = {"new_password": NEW_PASSWORD} if method == "POST" else None
    answer = await service.client.request(method, f"/{page}/{token}", data=data)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "This link is not valid" in answer.text
    assert "<script" not in answer.text


async def test_a_name_taken_meanwhile_is_asked_for_again_with_free_ones(service) -> None:
    links = [await verification_link(service, email, username="tony.s") for email in ("a@b.com", "c@d.com")]
    await service.client.post(links[0], data=KNOWN)
    taken = await service.client.post(links[1], data=KNOWN)
    assert taken.status_code == 409
    assert "This username is taken" in taken.text
    assert "These are free: " in taken.text
    unusable = await service.client.post(links[1], data=KNOWN | {"username": "no spaces <b>"})
    assert unusable.status_code == 422
    assert 'value="no spaces &lt;b&gt;"' in unusable.text
    assert 'aria-invalid="true"' in unusable.text
    renamed = await service.client.post(links[1], data=KNOWN | {"username": "tony.other"})
    assert "tony.other" in renamed.text


async def test_a_reset_link_sets_a_password_that_is_good_enough(service) -> None:
    link = await reset_link(service)
    assert "Use 8 characters or more. Common passwords are refused." in (await service.client.get(link)).text
    for weak, words in (
        ("", "This is required."),
        ("short", "Use at least 8 characters"),
        ("password1", "too common"),
        ("x" * 2_000, "Use at most 1,024 characters."),
    ):
        refused = await service.client.post(link, data={"new_password": weak})
        assert (refused.status_code, 'type="password"' in refused.text) == (422, True)
        beside = re.search(r'<p class="wrong" id="new_password-wrong-1">([^<]+)</p>', refused.text)
        assert beside is not None
        assert words in beside[1]
        assert 'aria-describedby="new_password-hint new_password-wrong-1"' in refused.text
        if weak:
            assert weak not in refused.text
    done = await service.client.post(link, data={"new_password": NEW_PASSWORD})
    assert (done.status_code, "Your password has been changed." in done.text) == (200, True)
    assert 'href="/account/sign-in/"' in done.text
    answer = await service.post(f"{BASE}/sign-in", email="tony@stark.com", password=NEW_PASSWORD)
    assert answer.status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_speak_the_readers_language_and_direction(service, language) -> None:
    link = await verification_link(service)
    for path in (link, "/reset-password/x", "/account/sign-in/", "/account/reset-password/"):
        page = await service.client.get(path, headers={"accept-language": language})
        direction = "rtl" if language == "fa" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in page.text
        assert not re.search(r"\b(?:page|mail|message|error|field)\.[a-z_]+", page.text.replace("STARK", ""))
        assert page.headers["content-language"] == language


async def test_pages_allow_their_own_style_and_nothing_else(service) -> None:
    for path in ("/verify-email/x", "/account/sign-in/", "/nowhere"):
        page = await service.client.get(path, headers={"accept": "text/html"})
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/reset-password/x", "/account/sign-in/", "/account/reset-password/"])
async def test_what_a_form_cannot_be_is_told_on_a_page(service, path) -> None:
    wrong_type = await service.client.post(path, content=b"<x/>", headers={"content-type": "text/xml"})
    assert wrong_type.status_code == 415
    too_long = await service.client.post(path, data={"email": "x" * 20_000})
    assert too_long.status_code == 413
    for answer in (wrong_type, too_long):
        assert answer.headers["content-type"].startswith("text/html")


async def test_too_many_tries_are_told_on_a_page(service) -> None:
    answers = [await service.client.post("/verify-email/x") for _ in range(60)]
    link = await verification_link(service)
    refused = await service.client.post(link)
    assert {answer.status_code for answer in answers} == {404}
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert "Too many requests" in refused.text
