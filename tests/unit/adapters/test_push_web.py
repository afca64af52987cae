"""Web Push against a stand-in over TLS, read by a browser that decrypts independently; and what all share."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.servers.push_providers import Authority, Browser, Says
from tests.unit.adapters.push_scenes import (
    APNS_TOKEN,
    FCM_TOKEN,
    MESSAGE,
    apns,
    came_to,
    fcm,
    to_apple,
    to_browser,
    to_google,
    web_push,
)

from multiproduct.adapters.push.answering import seconds_of
from multiproduct.application.notifications.push_ports import PushVerdict, PushWait
from multiproduct.domain.webhooks import DestinationPolicy


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("tls"))


class TestWebPush:
    async def test_a_browser_reads_what_its_push_service_cannot(self, authority: Authority) -> None:
        async with web_push(authority) as (service, pusher):
            browser = service.subscription()
            answer = await pusher.push(MESSAGE, to_browser(browser))
        assert answer.verdict is PushVerdict.ACCEPTED
        (taken,) = service.taken
        assert (taken.path, taken.headers["content-encoding"]) == ("/push/a", "aes128gcm")
        assert (taken.headers["ttl"], taken.headers["urgency"]) == ("86400", "normal")
        assert len(taken.headers["topic"]) == 32
        assert MESSAGE.title.encode() not in taken.body
        told = browser.read(taken.body)
        assert (told["title"], told["body"], told["tag"]) == (
            MESSAGE.title,
            MESSAGE.body,
            MESSAGE.collapse_key,
        )
        assert told["data"] == dict(MESSAGE.data)

    async def test_a_token_of_ours_serves_a_push_service_for_hours(self, authority: Authority) -> None:
        async with web_push(authority) as (service, pusher):
            for name in ("a", "b"):
                await pusher.push(MESSAGE, to_browser(service.subscription(name)))
        assert len(service.tokens) == 2
        assert len(set(service.tokens)) == 1

    async def test_a_message_that_is_too_long_is_cut(self, authority: Authority) -> None:
        message = replace(MESSAGE, body="謝" * 5_000)
        async with web_push(authority) as (service, pusher):
            browser = service.subscription()
            assert (await pusher.push(message, to_browser(browser))).verdict is PushVerdict.ACCEPTED
        (taken,) = service.taken
        assert len(taken.body) == 4_096
        assert browser.read(taken.body)["body"].endswith("謝…")

    @pytest.mark.parametrize(
        ("says", "came"),
        [
            (Says(200), ("accepted", "accepted", None)),
            (Says(202), ("accepted", "accepted", None)),
            (Says(404), ("gone", "status_404", None)),
            (Says(410), ("gone", "status_410", None)),
            (Says(413), ("refused", "status_413", None)),
            (Says(301, headers={"location": "https://localhost/"}), ("refused", "status_301", None)),
            (Says(429, headers={"retry-after": "120"}), ("later", "status_429", 120)),
            (Says(503), ("later", "status_503", None)),
            (Says(502), ("uncertain", "status_502", None)),
        ],
    )
    async def test_what_a_push_service_answers(
        self, authority: Authority, says: Says, came: tuple[str, str, int | None]
    ) -> None:
        async with web_push(authority) as (service, pusher):
            service.rule = lambda _: says
            assert came_to(await pusher.push(MESSAGE, to_browser(service.subscription()))) == came

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_one_that_is_busy_says_so_of_one_subscription(
        self, authority: Authority, status: int
    ) -> None:
        async with web_push(authority) as (service, pusher):
            service.rule = lambda _: Says(status, headers={"retry-after": "120"})
            answer = await pusher.push(MESSAGE, to_browser(service.subscription()))
        assert (answer.retry_after, answer.waits) == (120, PushWait.DEVICE)

    async def test_one_that_hangs_may_have_taken_it(self, authority: Authority) -> None:
        async with web_push(authority, timeout=0.5) as (service, pusher):
            service.rule = lambda _: Says(hangs=True)
            answer = await pusher.push(MESSAGE, to_browser(service.subscription()))
        assert came_to(answer) == ("uncertain", "no_answer", None)

    async def test_one_that_is_not_there_was_told_nothing(self, authority: Authority) -> None:
        async with web_push(authority) as (service, pusher):
            browser = Browser("https://127.0.0.1:1/push/a")
            assert came_to(await pusher.push(MESSAGE, to_browser(browser))) == ("later", "unreachable", None)
        assert service.taken == []

    @pytest.mark.parametrize(
        "endpoint", ["https://localhost:{port}/push/a", "https://127.0.0.1:{port}/", "https://10.0.0.1/"]
    )
    async def test_an_address_that_is_not_public_is_never_called(
        self, authority: Authority, endpoint: str
    ) -> None:
        async with web_push(authority, policy=DestinationPolicy(ports=frozenset(range(1, 65_536)))) as (
            service,
            pusher,
        ):
            browser = Browser(endpoint.format(port=service.url.rpartition(":")[2]))
            assert came_to(await pusher.push(MESSAGE, to_browser(browser))) == (
                "refused",
                "address_refused",
                None,
            )
        assert service.taken == []

    async def test_each_push_service_has_a_lane_of_its_own(self, authority: Authority) -> None:
        async with web_push(authority) as (_, pusher):
            lanes = [
                pusher.lane(to_browser(Browser(url)))
                for url in ("https://A.example/1", "https://a.example:443/2", "https://b.example/")
            ]
        assert lanes[0] == lanes[1] == "web|https://a.example"
        assert lanes[2] == "web|https://b.example"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 1),
        ("17", 17),
        ("999999", 3_600),
        ("9" * 40, None),
        ("Sat, 21 Nov 2026 06:30:30 GMT", 30),
        ("Sat, 21 Nov 2026 05:30:30 GMT", 1),
        ("Sat, 21 Nov 2099 05:30:30 GMT", 3_600),
    ],
)
def test_when_to_come_again_is_read_within_bounds(text: str | None, seconds: int | None) -> None:
    assert seconds_of(text, now=datetime(2026, 11, 21, 6, 30, tzinfo=UTC)) == seconds


async def test_no_provider_keeps_another_from_answering(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        _, to_apns = await stack.enter_async_context(apns(authority))
        google, to_fcm = await stack.enter_async_context(fcm(authority))
        google.rule = lambda _: Says(hangs=True)
        stuck = [asyncio.create_task(to_fcm.push(MESSAGE, to_google())) for _ in range(40)]
        async with asyncio.timeout(20):
            while not google.taken:
                await asyncio.sleep(0.01)
            answers = await asyncio.gather(*(to_apns.push(MESSAGE, to_apple()) for _ in range(40)))
        assert {each.verdict for each in answers} == {PushVerdict.ACCEPTED}
        assert not any(task.done() for task in stuck)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
    assert FCM_TOKEN not in caplog.text
    assert APNS_TOKEN not in caplog.text
