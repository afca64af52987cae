"""The development mailbox as people see it."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

from multiproduct.adapters.mailbox import DevelopmentMailbox
from multiproduct.application.ports.mailer import Mail
from multiproduct.entrypoints.http.mailbox_page import with_links

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


async def put(service: Service, number: int, **changed: str) -> None:
    mailbox = service.container.mailbox
    assert isinstance(mailbox, DevelopmentMailbox)
    fields = {"to": "tony@stark.com", "subject": f"No. {number}", "text": "words", "html": "<p>words</p>"}
    await mailbox.put_mail(Mail(message_id=f"m.{number}", locale="en", **{**fields, **changed}))


async def test_people_see_the_newest_first_and_programs_get_json(service) -> None:
    for number in range(3):
        await put(service, number)
    page = await service.client.get("/dev/mailbox", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"<h2 dir=\"auto\">No\. (\d)</h2>", page.text) == ["2", "1", "0"]
    for accept in ("application/json", "*/*"):
        answer = await service.client.get("/dev/mailbox", headers={"accept": accept})
        assert [item["subject"] for item in answer.json()["items"]] == ["No. 2", "No. 1", "No. 0"]


async def test_one_persons_mailbox_is_a_click_away(service) -> None:
    await put(service, 1, to="a+b&c@stark.com")
    await put(service, 2)
    page = (await service.client.get("/dev/mailbox", headers=BROWSER)).text
    own = unescape(re.findall(r'<a href="(\?to=[^"]+)">', page)[1])
    found = (await service.client.get(f"/dev/mailbox{own}", headers=BROWSER)).text
    assert ("No. 1" in found, "No. 2" in found) == (True, False)


async def test_the_link_of_a_mail_can_be_clicked_and_leads_on(service) -> None:
    await service.post(f"{BASE}/registration", email="tony@stark.com", password=PASSWORD)
    await service.latest_mail("tony@stark.com")
    page = (await service.client.get("/dev/mailbox", headers=BROWSER)).text
    link = re.search(r'<a href="http://[^"/]+(/verify-email/[\w-]+)">', page)
    assert link is not None
    assert (await service.client.get(link[1])).status_code == 200


async def test_a_mails_html_is_shown_in_a_sandbox_without_scripts(service) -> None:
    await put(service, 1, html="<html><head></head><body><script>alert(1)</script></body></html>")
    page = await service.client.get("/dev/mailbox", headers=BROWSER)
    frame = re.search(r'<iframe sandbox="([^"]*)"[^>]* src="([^"]+)"', page.text)
    assert frame is not None
    assert "allow-scripts" not in frame[1]
    assert "allow-same-origin" not in frame[1]
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    shown = await service.client.get(frame[2])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "allow-scripts" not in policy
    assert '<base target="_blank">' in shown.text


async def test_a_message_that_is_not_there_is_not_found(service) -> None:
    assert (await service.client.get("/dev/mailbox/nothing")).status_code == 404
    assert "Nothing was sent yet." in (await service.client.get("/dev/mailbox", headers=BROWSER)).text


async def test_what_a_mail_says_never_becomes_markup(service) -> None:
    await put(service, 1, subject="<b>x</b>", text='<img src=x> "https://a.example/<i>', to="<u>@stark.com")
    page = (await service.client.get("/dev/mailbox", headers=BROWSER)).text
    for tag in ("<b>", "<img", "<i>", "<u>"):
        assert tag not in page


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("no address", "no address"),
        ("see https://a.example/b?c=1&d=2.", 'see <a href="{0}">{0}</a>.'),
        ("(https://a.example/b?c=1&d=2)", '(<a href="{0}">{0}</a>)'),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_addresses_in_a_text_become_links(text, html) -> None:
    assert with_links(text) == html.format("https://a.example/b?c=1&amp;d=2")


async def test_elsewhere_than_in_development_there_is_no_mailbox() -> None:
    production = {
        "environment": "production",
        "secret_key": "s" * 40,
        "smtp_url": "smtp://localhost:2525",
        "password_cost": "normal",
        "base_url": "https://stark.example",
        "trusted_proxies": 1,
    }
    async with running_service(**production) as service:
        for path in ("/dev/mailbox", "/dev/mailbox/x"):
            headers = {**BROWSER, "x-forwarded-proto": "https"}
            assert (await service.client.get(path, headers=headers)).status_code == 404
