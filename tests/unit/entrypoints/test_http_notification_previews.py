"""The previews of notifications as developers see them."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from html import unescape

import pytest
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.notifications import NOTIFICATION_TYPES
from multiproduct.entrypoints.http.notification_previews import on_screen

LOCALES = ("en", "es", "fa", "kn", "ta", "zh-Hant")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


async def test_the_list_leads_to_every_type_in_every_language(service) -> None:
    for path in ("/dev/notifications", "/dev/notifications/"):
        shown = await service.client.get(path)
        assert shown.status_code == 200
        links = {unescape(link) for link in re.findall(r'href="([^"]+)"', shown.text)}
        assert links == {
            f"/dev/notifications/{key}?lang={locale}" for key in NOTIFICATION_TYPES for locale in LOCALES
        }


@pytest.mark.parametrize("key", NOTIFICATION_TYPES)
async def test_every_type_is_shown_with_all_that_its_channels_carry(service, key) -> None:
    shown = await service.client.get(f"/dev/notifications/{key}", params={"lang": "kn"})
    assert shown.status_code == 200
    preview = service.container.previewing.preview(key, locale="kn")
    text = unescape(re.sub(r"</?a\b[^>]*>", "", shown.text))
    assert preview.mail.text in text
    assert (preview.sms is not None) == ("<h2>SMS" in text)
    if preview.notice is not None:
        assert f'<p dir="auto">{preview.notice.title}</p><p dir="auto">{preview.notice.body}</p>' in text
    frames = re.findall(r'<iframe sandbox="([^"]*)" src="([^"]+)" title="(light|dark)"', shown.text)
    assert [title for _, _, title in frames] == ["light", "dark"]
    for sandbox, source, title in frames:
        assert "allow-scripts" not in sandbox
        mail = await service.client.get(unescape(source))
        assert mail.status_code == 200
        assert mail.headers["content-language"] == "kn"
        assert "default-src 'none'" in mail.headers["content-security-policy"]
        assert f"color-scheme: {title}" in mail.text
        assert "prefers-color-scheme" not in mail.text


async def test_a_wording_is_a_click_away(service) -> None:
    page = (await service.client.get("/dev/notifications/identity.security?lang=es")).text
    link = re.search(r'href="([^"]+)">password_changed</a>', page)
    assert link is not None
    shown = await service.client.get(unescape(link[1]))
    wanted = service.container.previewing.preview(
        "identity.security", locale="es", variant="password_changed"
    )
    assert wanted.mail.subject in unescape(shown.text)


@pytest.mark.parametrize(
    "path", ["identity.nothing", "identity.nothing/mail", "identity.code?variant=theft", "%3Cb%3E"]
)
async def test_what_there_is_no_preview_of_is_not_found(service, path) -> None:
    answer = await service.client.get(f"/dev/notifications/{path}")
    assert answer.status_code == 404
    assert "<b>" not in answer.text


def test_a_screen_is_settled_whatever_the_browser_prefers() -> None:
    html = (
        '<meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark; }'
        "@media (prefers-color-scheme: dark) { a {} }</style>"
    )
    assert on_screen(html, "dark") == (
        '<meta name="color-scheme" content="dark"><style>:root { color-scheme: dark; }'
        "@media all { a {} }</style>"
    )
    assert "@media not all { a {} }" in on_screen(html, "light")


async def test_the_brand_of_the_settings_is_what_people_see() -> None:
    brand = {
        "brand_name": "WAYNE",
        "brand_logo_url": "https://wayne.example/logo.png",
        "brand_light": "accent=#0b5fff, on_accent=#fffffe",
        "brand_dark": "accent=#8ab4ff",
        "support_url": "https://wayne.example/help",
        "support_email": "help@wayne.example",
    }
    async with running_service(**brand) as service:
        html = (await service.client.get("/dev/notifications/identity.welcome/mail")).text
        for seen in (
            'src="https://wayne.example/logo.png"', 'alt="WAYNE"',
            "background-color: #0b5fff", "color: #fffffe", "#8ab4ff !important",
            'href="https://wayne.example/help"', "mailto:help@wayne.example", "Welcome to WAYNE",
        ):  # fmt: skip
            assert seen in html
        for gone in ("STARK", "#a3161f", "#f5b942", "localhost"):
            assert gone not in html
        page = await service.client.get("/account/sign-in/", headers={"accept": "text/html"})
        assert "--accent:#0b5fff" in page.text
        assert "--accent:#8ab4ff" in page.text
        style = re.search(r"<style>(.*)</style>", page.text, re.DOTALL)
        assert style is not None
        digest = b64encode(sha256(style[1].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]


async def test_elsewhere_than_in_development_there_are_no_previews() -> None:
    production = {
        "environment": "production",
        "secret_key": "s" * 40,
        "smtp_url": "smtp://localhost:2525",
        "password_cost": "normal",
        "base_url": "https://stark.example",
        "trusted_proxies": 1,
    }
    async with running_service(**production) as service:
        for path in ("", "/identity.code", "/identity.code/mail"):
            answer = await service.client.get(
                f"/dev/notifications{path}", headers={"x-forwarded-proto": "https"}
            )
            assert answer.status_code == 404
