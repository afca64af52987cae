"""What stands around every answer: request id, security headers, CORS, client address, TLS, log, health."""

import logging
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.unit.entrypoints.http_service import BASE, Service, ask, running_service

from multiproduct.entrypoints.http.addresses import client_ip
from multiproduct.entrypoints.http.media_types import prefers
from multiproduct.settings import Environment

PRODUCTION = {
    "environment": Environment.PRODUCTION,
    "secret_key": "s" * 40,
    "smtp_url": "smtp://localhost:25/",
    "password_cost": "normal",
    "base_url": "https://shop.example",
}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


async def test_a_clients_own_request_id_is_kept_if_it_is_a_plain_one(service) -> None:
    kept = await service.client.get("/livez", headers={"x-request-id": "a-Z_9"})
    assert kept.headers["x-request-id"] == "a-Z_9"
    for strange in ("", "a" * 65, "with space", "<b>"):
        answer = await service.client.get("/livez", headers={"x-request-id": strange})
        assert answer.headers["x-request-id"] not in ("", strange)


async def test_every_answer_has_an_id_of_its_own(service) -> None:
    ids = {(await service.client.get("/livez")).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("path", ["/livez", "/nowhere", f"{BASE}/me", "/", "/verify-email/x", "/schema/"])
async def test_every_answer_has_the_security_headers(service, path) -> None:
    headers = (await service.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "permissions-policy" in headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "strict-transport-security" not in headers


async def test_production_speaks_tls_only_but_for_health() -> None:
    async with running_service(**PRODUCTION) as service:
        plain = await ask(service.app, f"{BASE}/me", query=b"a=b", headers=[(b"host", b"evil.example")])
        assert plain.status == 308
        assert plain.header("location") == f"https://shop.example{BASE}/me?a=b"
        assert (await ask(service.app, "/livez")).status == 200
        secure = await ask(service.app, f"{BASE}/me", scheme="https")
        assert secure.status == 401
        assert secure.header("strict-transport-security") == "max-age=31536000; includeSubDomains"
        check = await ask(service.app, f"{BASE}/usernames/check", query=b"username=tony")
        assert check.status == 308


async def test_production_believes_its_proxy_that_the_client_spoke_tls() -> None:
    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"192.0.2.9")]
    async with running_service(**PRODUCTION) as service:
        assert (await ask(service.app, f"{BASE}/me", headers=headers)).status == 308
    async with running_service(**PRODUCTION, trusted_proxies=1) as service:
        assert (await ask(service.app, f"{BASE}/me", headers=headers)).status == 401


async def test_development_aids_do_not_exist_in_production() -> None:
    async with running_service(**PRODUCTION) as service:
        for path in ("/dev/mailbox", "/dev/clock"):
            assert (await ask(service.app, path, scheme="https")).status == 404


async def test_browsers_may_call_from_configured_origins_only() -> None:
    async with running_service(cors_origins="https://shop.example, https://admin.example") as service:
        preflight = await service.client.options(
            f"{BASE}/sign-in",
            headers={"origin": "https://shop.example", "access-control-request-method": "POST"},
        )
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
        path = f"{BASE}/usernames/check?username=tony"
        for origin in ("https://admin.example", "https://evil.example"):
            for _ in range(3):
                answer = await service.client.get(path, headers={"origin": origin})
                allowed = answer.headers.get("access-control-allow-origin")
                assert allowed == (origin if "admin" in origin else None)
                assert "Origin" in answer.headers["vary"]
        assert (
            "RateLimit"
            in (await service.client.get(path, headers={"origin": "https://shop.example"})).headers[
                "access-control-expose-headers"
            ]
        )
        assert (await service.client.get("/livez")).headers["vary"] == "Origin"


async def test_without_origins_nothing_is_shared(service) -> None:
    answer = await service.client.get("/livez", headers={"origin": "https://shop.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ([b"203.0.113.7"], 0, "192.0.2.1"),
        ([b"203.0.113.7"], 1, "203.0.113.7"),
        ([b"6.6.6.6, 203.0.113.7"], 1, "203.0.113.7"),
        ([b"6.6.6.6, 203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        ([b"6.6.6.6", b"203.0.113.7,10.0.0.2"], 2, "203.0.113.7"),
        ([b"203.0.113.7"], 2, "192.0.2.1"),
        ([b"unknown"], 1, "192.0.2.1"),
        ([b"203.0.113.7,"], 1, "192.0.2.1"),
        ([b"2001:DB8::1"], 1, "2001:db8::1"),
        ([b"6.6.6.6," * 1000 + b"203.0.113.7"], 1, "203.0.113.7"),
        ([], 1, "192.0.2.1"),
    ],
)
def test_the_client_is_whom_the_trusted_proxies_say(forwarded, proxies, expected) -> None:
    scope = {"client": ("192.0.2.1", 1), "headers": [(b"x-forwarded-for", line) for line in forwarded]}
    assert client_ip(scope, trusted_proxies=proxies) == expected


async def test_limits_count_the_client_behind_the_proxy() -> None:
    async with running_service(trusted_proxies=1) as service:
        told = []
        for last in (1, 2, 1, 2):
            headers = [(b"x-forwarded-for", b"6.6.6.6, 198.51.100.%d" % last)]
            answer = await ask(
                service.app, f"{BASE}/usernames/check", query=b"username=tony", headers=headers
            )
            told.append((answer.header("ratelimit") or "").partition(";t=")[0])
    assert told == [f'"username_check";r={remaining}' for remaining in (99, 99, 98, 98)]


async def test_a_line_is_logged_for_each_request_without_its_query_or_body(service, caplog) -> None:
    caplog.set_level(logging.INFO, "multiproduct.access")
    await service.client.get("/verify-email/secret-token?otp=123456", headers={"x-request-id": "trace-1"})
    await service.client.post(f"{BASE}/sign-in", json={"email": "a@b.co", "password": "hunter2"})
    first, second = (record for record in caplog.records if record.name == "multiproduct.access")
    assert (first.http_method, first.http_path, first.http_status) == ("GET", "/verify-email/{token}", 404)
    assert first.request_id == "trace-1"
    assert second.http_status == 401
    assert not any(secret in caplog.text for secret in ("secret-token", "123456", "hunter2"))


async def test_the_service_can_be_mounted_in_another_application(service) -> None:
    host = Starlette(routes=[Mount("/shop", app=service.app)])
    assert (await ask(host, "/shop/livez")).status == 200
    check = await ask(host, f"/shop{BASE}/usernames/check", query=b"username=tony")
    assert check.status == 200
    reader = await ask(host, "/shop/")
    assert b'spec-url="/shop/schema/?format=json"' in reader.body


async def test_health_tells_the_parts_and_readiness(service, monkeypatch) -> None:
    assert (await service.client.get("/livez")).json() == {"status": "ok"}
    for path in ("/readyz", "/health/", "/health"):
        answer = await service.client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert answer.json()["parts"]["database"] == "ok"
        assert "ratelimit" not in answer.headers

    async def down() -> None:
        raise OSError

    monkeypatch.setattr(type(service.container.store), "ping", lambda _store: down())
    answer = await service.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert (await service.client.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    ("accept", "wanted", "over", "expected"),
    [
        (None, "text/html", "application/json", False),
        ("text/html,*/*;q=0.8", "text/html", "application/json", True),
        ("*/*", "text/html", "application/json", False),
        ("application/json", "application/json", "application/yaml", True),
        ("application/yaml;q=0.5, application/json;q=0.4", "application/json", "application/yaml", False),
        ("application/*;q=x, text/html;q=0.1", "text/html", "application/json", True),
    ],
)
def test_a_media_type_is_given_to_those_who_would_rather_have_it(accept, wanted, over, expected) -> None:
    assert prefers(accept, wanted, over=over) is expected
