"""The pages where people check their sign-in and ask for a new password, and who leads there."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, ask, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.links import Links
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.settings import Settings

SIGN_IN, RESET = "/account/sign-in/", "/account/reset-password/"
TONY = "tony@stark.com"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


async def test_a_right_name_and_password_are_told_as_such_and_leave_no_session(service) -> None:
    await service.signed_up()
    for identifier in (TONY, "tony.s"):
        answer = await service.client.post(SIGN_IN, data={"identifier": identifier, "password": PASSWORD})
        assert answer.status_code == 200
        assert "Your sign-in works" in answer.text
        assert "You are tony.s." in answer.text
        assert "set-cookie" not in answer.headers
    async with service.container.units.view(SYSTEM) as view:
        for event in ("identity.signed_in", "identity.session_ended"):
            assert await view.audit_trail.count(AuditFilter(event=event)) == 2


@pytest.mark.parametrize(
    ("identifier", "password"), [(TONY, "wrong"), ("nobody@stark.com", PASSWORD), (TONY, ""), ("", "")]
)
async def test_a_wrong_name_or_password_is_told_on_the_form(service, identifier, password) -> None:
    await service.signed_up()
    answer = await service.client.post(SIGN_IN, data={"identifier": identifier, "password": password})
    assert answer.status_code in {401, 422}
    assert '<p class="wrong"' in answer.text
    assert f'value="{identifier}"' in answer.text or not identifier
    assert f'value="{PASSWORD}"' not in answer.text


async def test_the_sign_in_page_leads_to_a_new_password_and_names_brand_and_address(service) -> None:
    page = (await service.client.get(SIGN_IN)).text
    assert f'href="{RESET}"' in page
    assert "STARK" in page
    assert service.container.settings.base_url in page


async def test_a_forgotten_password_is_replaced_without_any_other_program(service) -> None:
    await service.signed_up()
    known = await service.client.post(RESET, data={"email": TONY})
    unknown = await service.client.post(RESET, data={"email": "nobody@stark.com"})
    assert (known.status_code, known.text) == (200, unknown.text)
    assert "within 10 minutes" in known.text
    link = await service.link(TONY, "reset-password", count=3)
    await service.client.post(link, data={"new_password": "another long walk"})
    answer = await service.client.post(SIGN_IN, data={"identifier": TONY, "password": "another long walk"})
    assert "Your sign-in works" in answer.text


@pytest.mark.parametrize("email", ["", "nonsense", "x" * 300, "<script>"])
async def test_an_address_that_is_none_is_told_beside_the_field(service, email) -> None:
    answer = await service.client.post(RESET, data={"email": email})
    assert answer.status_code == 422
    assert 'id="email-wrong-1"' in answer.text
    assert "<script" not in answer.text


async def test_every_input_has_a_label_and_a_name_for_password_managers(service) -> None:
    for path, fields in ((SIGN_IN, ("identifier", "password")), (RESET, ("email",))):
        page = (await service.client.get(path)).text
        for field in fields:
            assert f'<label for="{field}">' in page
            assert f'id="{field}"' in page
        assert page.count("autocomplete=") == page.count("<input") == len(fields)


async def test_pages_lead_to_each_other_where_the_service_is_mounted(service) -> None:
    answer = await ask(service.app, SIGN_IN, root_path="/shop")
    assert answer.status == 200
    assert f'href="/shop{RESET}"' in answer.body.decode()


async def test_mails_lead_to_the_pages(service) -> None:
    await service.signed_up()
    base = service.container.settings.base_url
    welcome = await service.latest_mail(TONY, count=2)
    assert f"{base}{SIGN_IN}" in welcome.text
    assert f'href="{base}{SIGN_IN}"' in welcome.html
    await service.post(f"{BASE}/registration", email=TONY, password=PASSWORD)
    exists = await service.latest_mail(TONY, count=3)
    for path in (SIGN_IN, RESET):
        assert f"{base}{path}" in exists.text
    await service.client.post(RESET, data={"email": TONY})
    link = await service.link(TONY, "reset-password", count=4)
    await service.client.post(link, data={"new_password": "another long walk"})
    security = await service.latest_mail(TONY, count=5)
    assert f"{base}{RESET}" in security.text
    assert f'href="{base}{RESET}"' in security.html


async def test_an_owner_with_pages_of_its_own_has_mails_and_pages_lead_there() -> None:
    own = {"sign_in_url": "https://shop.example/#/login", "reset_url": "https://shop.example/reset?a=1&b=2"}
    async with running_service(**own) as service:
        await service.signed_up()
        assert own["sign_in_url"] in (await service.latest_mail(TONY, count=2)).text
        await service.post(f"{BASE}/registration", email=TONY, password=PASSWORD)
        assert own["reset_url"] in (await service.latest_mail(TONY, count=3)).text
        for path, address in ((SIGN_IN, own["sign_in_url"]), (RESET, own["reset_url"])):
            answer = await service.client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (302, address)
        dead = (await service.client.get("/reset-password/x")).text
        assert 'href="https://shop.example/reset?a=1&amp;b=2"' in dead
        assert 'href="https://shop.example/#/login"' in dead


@pytest.mark.parametrize("name", ["sign_in_url", "reset_url"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "shop.example", "https://a\nb"])
def test_an_address_that_no_mail_could_hold_is_refused_at_the_start(name, address) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(_env_file=None, **{name: address})
    with pytest.raises(ValueError, match=name):
        Links(base_url="https://stark.example", **{name: address})
