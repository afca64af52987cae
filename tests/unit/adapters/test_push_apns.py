"""APNs against a stand-in over TLS and HTTP/2."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.servers.push_providers import Authority, Says
from tests.unit.adapters.push_scenes import (
    APNS_TOKEN,
    MESSAGE,
    Time,
    apns,
    came_to,
    to_apple,
)

from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.application.notifications.push_ports import PushAnswer, PushVerdict


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("tls"))


class TestApns:
    async def test_a_message_arrives_over_http_2_with_what_apple_wants(self, authority: Authority) -> None:
        async with apns(authority) as (apple, pusher):
            answer = await pusher.push(MESSAGE, to_apple())
        assert answer.verdict is PushVerdict.ACCEPTED
        (taken,) = apple.taken
        assert (taken.http, taken.path) == ("2", f"/3/device/{APNS_TOKEN}")
        assert taken.headers["apns-topic"] == apple.topic
        assert taken.headers["apns-push-type"] == "alert"
        assert taken.headers["apns-priority"] == "10"
        assert taken.headers["apns-collapse-id"] == MESSAGE.collapse_key
        assert 80_000 < int(taken.headers["apns-expiration"]) - datetime.now(UTC).timestamp() < 90_000
        assert UUID(taken.headers["apns-id"])
        assert taken.document["aps"]["alert"] == {"title": MESSAGE.title, "body": MESSAGE.body}
        assert taken.document["data"] == dict(MESSAGE.data)

    async def test_a_server_of_http_1_alone_is_spoken_to_as_well(self, authority: Authority) -> None:
        async with apns(authority, speaks=("http/1.1",)) as (apple, pusher):
            assert (await pusher.push(MESSAGE, to_apple())).verdict is PushVerdict.ACCEPTED
        assert apple.taken[0].http == "1.1"

    async def test_the_same_message_has_one_id_for_one_device(self, authority: Authority) -> None:
        async with apns(authority) as (apple, pusher):
            await pusher.push(MESSAGE, to_apple())
            await pusher.push(MESSAGE, to_apple())
            await pusher.push(MESSAGE, replace(to_apple(), device_id=UUID(int=7)))
            await pusher.push(replace(MESSAGE, message_id="other"), to_apple())
        ids = [each.headers["apns-id"] for each in apple.taken]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3

    async def test_our_token_is_kept_for_forty_minutes_and_no_longer(self, authority: Authority) -> None:
        time = Time()
        began = time.moment
        async with apns(authority, time) as (apple, pusher):
            for minutes in (0, 39, 41, 79, 82):
                time.moment = began + timedelta(minutes=minutes)
                assert (await pusher.push(MESSAGE, to_apple())).verdict is PushVerdict.ACCEPTED
        assert [apple.tokens.index(each) for each in apple.tokens] == [0, 0, 2, 2, 4]

    async def test_a_token_that_apple_calls_expired_is_renewed_only_after_twenty_minutes(
        self, authority: Authority
    ) -> None:
        time = Time()
        async with apns(authority, time) as (apple, pusher):
            await pusher.push(MESSAGE, to_apple())
            # Apple's clock is far ahead of ours.
            apple.now = lambda: time.moment + timedelta(minutes=50)
            time.moment += timedelta(minutes=15)
            assert came_to(await pusher.push(MESSAGE, to_apple())) == ("later", "provider_credentials", 60)
            assert len(set(apple.tokens)) == 1
            time.moment += timedelta(minutes=6)
            apple.now = lambda: time.moment + timedelta(minutes=45)
            assert (await pusher.push(MESSAGE, to_apple())).verdict is PushVerdict.ACCEPTED
            assert len(set(apple.tokens)) == 2

    async def test_a_key_that_apple_does_not_know_waits_for_the_operator(self, authority: Authority) -> None:
        async with apns(authority) as (apple, pusher):
            apple.key_id = "ANOTHERKEY"
            assert came_to(await pusher.push(MESSAGE, to_apple())) == ("later", "provider_credentials", 60)

    async def test_a_token_is_gone_from_the_moment_that_apple_tells(self, authority: Authority) -> None:
        async with apns(authority) as (apple, pusher):
            apple.rule = lambda _: Says(410, {"reason": "Unregistered", "timestamp": 1_700_000_000_123})
            answer = await pusher.push(MESSAGE, to_apple())
        assert answer == PushAnswer(
            verdict=PushVerdict.GONE,
            reason="Unregistered",
            gone_since=datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC),
        )

    @pytest.mark.parametrize(
        ("says", "came"),
        [
            (Says(410, {"reason": "Unregistered"}), ("refused", "strange_answer", None)),
            (Says(410, {"reason": "Unregistered", "timestamp": "0"}), ("refused", "strange_answer", None)),
            (Says(410, {"reason": "Unregistered", "timestamp": True}), ("refused", "strange_answer", None)),
            (Says(410, {"reason": "Unregistered", "timestamp": 10**30}), ("refused", "strange_answer", None)),
            (Says(410, raw=b"<html>"), ("refused", "strange_answer", None)),
            (Says(400, {"reason": "BadDeviceToken"}), ("refused", "BadDeviceToken", None)),
            (Says(400, {"reason": "x y\n" * 9}), ("refused", "status_400", None)),
            (Says(413, {"reason": "PayloadTooLarge"}), ("refused", "PayloadTooLarge", None)),
            (
                Says(429, {"reason": "TooManyRequests"}, {"retry-after": "9"}),
                ("later", "TooManyRequests", None),
            ),
            (Says(503, {"reason": "Shutdown"}, {"retry-after": "9"}), ("later", "Shutdown", 9)),
            (Says(500, {"reason": "InternalServerError"}), ("later", "InternalServerError", None)),
            (Says(504), ("uncertain", "status_504", None)),
            (Says(204), ("uncertain", "status_204", None)),
            (Says(302, headers={"location": "https://example.com"}), ("refused", "status_302", None)),
            (Says(200, raw=b"x" * 100_000), ("uncertain", "no_answer", None)),
        ],
    )
    async def test_what_apple_answers_otherwise(
        self, authority: Authority, says: Says, came: tuple[str, str, int | None]
    ) -> None:
        async with apns(authority) as (apple, pusher):
            apple.rule = lambda _: says
            assert came_to(await pusher.push(MESSAGE, to_apple())) == came

    async def test_without_an_answer_it_may_have_arrived(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("multiproduct.adapters.push.apns._SENDING_SECONDS", 0.5)
        async with apns(authority) as (apple, pusher):
            apple.rule = lambda _: Says(hangs=True)
            assert came_to(await pusher.push(MESSAGE, to_apple())) == ("uncertain", "no_answer", None)
            assert len(apple.taken) == 1

    async def test_without_a_connection_it_certainly_did_not(self, authority: Authority) -> None:
        async with apns(authority) as (_, pusher):
            pass
        assert came_to(await pusher.push(MESSAGE, to_apple())) == ("later", "unreachable", None)

    async def test_one_that_never_ends_its_handshake_was_told_nothing(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("multiproduct.adapters.push.apns._SENDING_SECONDS", 1.0)
        over = asyncio.Event()

        async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await over.wait()
            writer.close()

        async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as silent:
            port = silent.sockets[0].getsockname()[1]
            async with apns(authority) as (_, pusher):
                pusher._url = f"https://localhost:{port}/3/device"
                answer = await pusher.push(MESSAGE, to_apple())
            over.set()
        assert came_to(answer) == ("later", "unreachable", None)

    async def test_a_certificate_that_is_not_trusted_is_told_nothing(
        self, authority: Authority, tmp_path: Path
    ) -> None:
        other = Authority.in_folder(tmp_path)
        web = Httpx2WebClient(http2=True, tls=other.trusting())
        async with apns(authority) as (apple, pusher):
            own, pusher._web = pusher._web, web
            assert came_to(await pusher.push(MESSAGE, to_apple())) == ("later", "unreachable", None)
            pusher._web = own
        await web.close()
        assert apple.taken == []

    async def test_many_messages_share_a_connection(self, authority: Authority) -> None:
        async with apns(authority) as (apple, pusher):
            await pusher.push(MESSAGE, to_apple())
            answers = await asyncio.gather(
                *(pusher.push(MESSAGE, to_apple(f"{each:064x}")) for each in range(50))
            )
        assert {each.verdict for each in answers} == {PushVerdict.ACCEPTED}
        assert {each.path[-64:] for each in apple.taken[1:]} == {f"{each:064x}" for each in range(50)}
        assert {each.http for each in apple.taken} == {"2"}

    @pytest.mark.parametrize("long", ["body", "title", "data"])
    async def test_a_message_that_is_too_long_is_cut(self, authority: Authority, long: str) -> None:
        text = "ಧ" * 3_000
        message = replace(MESSAGE, **{long: {"x": text} if long == "data" else text})
        async with apns(authority) as (apple, pusher):
            assert (await pusher.push(message, to_apple())).verdict is PushVerdict.ACCEPTED
        (taken,) = apple.taken
        assert len(taken.body) <= 4_096
        alert = taken.document["aps"]["alert"]
        if long == "data":
            assert taken.document["data"] == {}
            assert alert["title"] == MESSAGE.title
        else:
            assert alert[long].endswith("…")
            assert len(taken.body) > 3_900
            assert text.startswith(alert[long].removesuffix("…"))
