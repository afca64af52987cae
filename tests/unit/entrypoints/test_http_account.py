"""Sessions, pictures and changes of address over HTTP."""

import io
from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, Service, running_service

pytest.importorskip("PIL", reason="needs Pillow (pip install 'multiproduct[files]')")

from PIL import Image

from multiproduct.bootstrap.media import images_of, storage_of

TONY, NEW = "tony@stark.com", "anthony@stark.com"
_PART = b'--b\r\nContent-Disposition: form-data; name="avatar"; filename="a"\r\n\r\n'


@pytest.fixture
async def service(anyio_backend: str) -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


@pytest.fixture
async def bearer(service: Service) -> dict[str, str]:
    await service.signed_up(TONY)
    return await a_bearer(service)


async def a_bearer(service: Service, to: str = TONY) -> dict[str, str]:
    return {"authorization": f"Bearer {(await service.signed_in(to))['access']}"}


def a_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 0, 0)).save(out, "PNG")
    return out.getvalue()


async def put(service, bearer, **sent):
    return await service.client.put(f"{BASE}/me/avatar", headers=bearer | sent.pop("headers", {}), **sent)


async def test_sessions_are_listed_named_and_ended(service, bearer):
    other = await a_bearer(service)
    listed = await service.client.get(f"{BASE}/me/sessions", headers=bearer)
    assert listed.status_code == 200
    sessions = listed.json()["items"]
    assert [each["is_current"] for each in sessions].count(True) == 1
    theirs = next(each["id"] for each in sessions if not each["is_current"])
    path = f"{BASE}/me/sessions/{theirs}"
    named = await service.client.patch(path, headers=bearer, json={"name": "Workshop"})
    assert (named.status_code, named.json()["name"]) == (200, "Workshop")
    wrong = await service.client.patch(path, headers=bearer, json={"name": "x" * 61})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "name")
    assert (await service.client.delete(path, headers=bearer)).status_code == 200
    assert (await service.client.delete(path, headers=bearer)).status_code == 404
    assert (await service.client.get(f"{BASE}/me", headers=other)).status_code == 401
    assert (await service.client.delete(f"{BASE}/me/sessions/nonsense", headers=bearer)).status_code == 404


async def test_the_others_and_all_are_ended(service, bearer):
    for _ in range(2):
        await a_bearer(service)
    others = await service.client.delete(f"{BASE}/me/sessions/others", headers=bearer)
    assert (others.status_code, others.json()["ended"]) == (200, 2)
    everything = await service.client.delete(f"{BASE}/me/sessions/", headers=bearer)
    assert everything.json() == {"ended": 1, "message": "These devices are signed out."}
    assert (await service.client.get(f"{BASE}/me/sessions", headers=bearer)).status_code == 401


async def test_only_staff_ends_somebody_elses_sessions(service, bearer):
    me = (await service.client.get(f"{BASE}/me", headers=bearer)).json()["id"]
    refused = await service.client.delete(f"{BASE}/users/{me}/sessions", headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "application/octet-stream", None])
async def test_a_picture_as_the_body_is_what_its_bytes_are(service, bearer, content_type):
    headers = {"content-type": content_type} if content_type else {}
    changed = await put(service, bearer, content=a_png(), headers=headers)
    assert changed.status_code == 200, changed.text
    avatar = changed.json()["avatar"]
    for query, edge in (("", 512), ("?size=large", 512), ("?size=small", 128)):
        served = await service.client.get(avatar + query)
        assert served.status_code == 200
        assert served.headers["content-type"] == "image/webp"
        assert served.headers["cache-control"] == "private, max-age=300"
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in served.headers["content-security-policy"]
        assert Image.open(io.BytesIO(served.content)).size == (edge, edge)
    assert (await service.client.head(avatar)).status_code == 200
    assert (await service.client.get(avatar + "?size=huge")).status_code == 422


async def test_a_picture_in_a_form_is_taken_whatever_it_is_called(service, bearer):
    file = ("../../etc/passwd.svg", a_png(), "text/html")
    changed = await put(service, bearer, files={"avatar": file}, data={"note": "hello"})
    assert changed.status_code == 200, changed.text
    assert (await service.client.get(changed.json()["avatar"])).headers["content-type"] == "image/webp"


async def test_a_form_without_the_picture_says_which_part_is_wanted(service, bearer):
    misnamed, empty = {"picture": ("a.png", a_png())}, {"avatar": ("a.png", b"")}
    for sent in ({"files": misnamed}, {"files": empty}, {"content": b""}):
        refused = await put(service, bearer, **sent)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "avatar")


async def test_a_form_that_is_none_is_malformed(service, bearer):
    for content_type, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\n--"),
        ("multipart/form-data; boundary=b", _PART),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    ):
        refused = await put(service, bearer, content=body, headers={"content-type": content_type})
        assert refused.status_code in (400, 422), refused.text
    two = [("avatar", ("a.png", a_png())), ("avatar", ("b.png", a_png()))]
    assert (await put(service, bearer, files=two)).status_code == 400


async def test_other_types_are_not_read(service, bearer):
    refused = await put(service, bearer, json={"avatar": "https://example.com/a.png"})
    assert refused.status_code == 415
    assert "multipart/form-data" in refused.headers["accept"]


async def test_what_is_no_picture_is_told(service, bearer):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    refused = await put(service, bearer, content=svg, headers={"content-type": "image/svg+xml"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_image")


async def test_a_picture_larger_than_the_setting_is_refused_in_either_way():
    async with running_service(avatar_max_bytes=10_000) as service:
        await service.signed_up(TONY)
        bearer = await a_bearer(service)
        large = a_png() + b"\0" * 10_000
        for sent in ({"content": large}, {"files": {"avatar": ("a.png", large)}}):
            refused = await put(service, bearer, **sent)
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_a_picture_is_taken_away(service, bearer):
    avatar = (await put(service, bearer, content=a_png())).json()["avatar"]
    removed = await service.client.delete(f"{BASE}/me/avatar", headers=bearer)
    assert (removed.status_code, removed.json()["avatar"]) == (200, None)
    gone = await service.client.get(avatar)
    assert gone.status_code == 404
    assert gone.headers["cache-control"] == "no-store"
    assert (await service.client.put(f"{BASE}/me/avatar", content=a_png())).status_code == 401


async def test_without_the_packages_the_answer_is_not_configured(service, bearer, monkeypatch):
    monkeypatch.setattr("multiproduct.bootstrap.media.find_spec", lambda _: None)
    assert images_of() is None
    assert storage_of(service.container.settings.model_copy(update={"media_url": "file:///x"})) is None
    monkeypatch.setattr(service.container.identity.avatars, "_images", None)
    refused = await put(service, bearer, content=a_png())
    assert (refused.status_code, refused.json()["code"]) == (404, "not_configured")


async def test_an_address_is_changed_with_its_code(service, bearer):
    asked = await service.client.post(f"{BASE}/me/email", headers=bearer, json={"email": NEW})
    assert asked.status_code == 202
    confirmed = await service.client.post(
        f"{BASE}/me/email/confirm", headers=bearer, json={"otp": await service.code(NEW)}
    )
    assert (confirmed.status_code, confirmed.json()["email"]) == (200, NEW)
    assert confirmed.json()["message"] == "Your e-mail address has been changed."


async def test_looking_at_the_link_changes_nothing_and_its_button_does(service, bearer):
    await service.client.post(f"{BASE}/me/email", headers=bearer, json={"email": NEW})
    page = await service.link(NEW, "confirm-email")
    for _ in range(3):
        shown = await service.client.get(page)
        assert (shown.status_code, "<button>" in shown.text) == (200, True)
    assert (await service.client.get(f"{BASE}/me", headers=bearer)).json()["email"] == TONY
    assert (await service.client.post(page)).status_code == 200
    assert (await service.client.get(f"{BASE}/me", headers=bearer)).json()["email"] == NEW
    assert (await service.client.get(page)).status_code == 410
    assert (await service.client.post(page)).status_code == 422


async def test_the_notice_to_the_old_address_leads_to_a_page_that_stops_it(service, bearer):
    await service.client.post(f"{BASE}/me/email", headers=bearer, json={"email": NEW})
    stop = await service.link(TONY, "stop-change", count=3)
    shown = await service.client.get(stop)
    assert (shown.status_code, "<button>" in shown.text) == (200, True)
    assert (await service.client.get(f"{BASE}/me", headers=bearer)).status_code == 200
    stopped = await service.client.post(stop)
    assert stopped.status_code == 200
    assert "/account/reset-password/" in stopped.text
    assert (await service.client.get(f"{BASE}/me", headers=bearer)).status_code == 401
    assert (await service.client.post(await service.link(NEW, "confirm-email"))).status_code == 422
    assert (await service.client.post(stop)).status_code == 422
    assert (await service.client.get("/stop-change/" + "x" * 129)).status_code in (200, 404, 422)


async def test_a_change_is_stopped_by_its_token_or_by_the_person(service, bearer):
    path = f"{BASE}/me/phone/change"
    assert (await service.client.delete(path, headers=bearer)).status_code == 404
    await service.client.post(f"{BASE}/me/phone", headers=bearer, json={"phone": "+886912345678"})
    assert (await service.client.delete(path, headers=bearer)).status_code == 200
    forged = await service.post(f"{BASE}/contact-changes/stop", token="x" * 48)
    assert (forged.status_code, forged.json()["code"]) == (422, "invalid_code")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"address": {"country": "XX"}}, "address.country", "invalid_country"),
        ({"address": {"country": "USA"}}, "address.country", None),
        ({"address": {"city": "a\nb"}}, "address.city", "invalid"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "invalid_date"),
        ({"date_of_birth": "1799-01-01"}, "date_of_birth", "invalid_date"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "invalid_time_zone"),
        ({"locale": "xx"}, "locale", "invalid_locale"),
    ],
)
async def test_what_no_profile_can_have_is_told_by_its_field(service, bearer, fields, field, code):
    refused = await service.client.patch(f"{BASE}/me", headers=bearer, json=fields)
    assert refused.status_code == 422
    (problem,) = refused.json()["errors"]
    assert problem["field"] == field
    assert code in (None, problem["code"])


async def test_a_country_may_be_written_small(service, bearer):
    changed = await service.client.patch(f"{BASE}/me", headers=bearer, json={"address": {"country": "tw"}})
    assert changed.json()["address"]["country"] == "TW"
