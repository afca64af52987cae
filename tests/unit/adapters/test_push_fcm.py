"""FCM against a stand-in of it and of Google's tokens, over TLS and HTTP/2."""

import asyncio
import json
from datetime import timedelta

import pytest
from tests.servers.push_providers import Authority, Fcm, Says
from tests.unit.adapters.push_scenes import (
    FCM_TOKEN,
    MESSAGE,
    Time,
    came_to,
    fcm,
    to_google,
)

from multiproduct.adapters.push import ServiceAccount
from multiproduct.application.notifications.push_ports import PushVerdict, PushWait


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("tls"))


class TestFcm:
    async def test_a_message_arrives_with_an_access_token(self, authority: Authority) -> None:
        async with fcm(authority) as (google, pusher):
            assert (await pusher.push(MESSAGE, to_google())).verdict is PushVerdict.ACCEPTED
        (taken,) = google.taken
        assert (taken.http, taken.path) == ("2", "/v1/projects/stark-industries/messages:send")
        message = taken.document["message"]
        assert message["token"] == FCM_TOKEN
        assert message["notification"] == {"title": MESSAGE.title, "body": MESSAGE.body}
        assert message["android"]["collapse_key"] == MESSAGE.collapse_key
        assert message["android"]["ttl"] == "86400s"
        assert message["data"] == {
            "type": MESSAGE.type_key,
            "id": MESSAGE.message_id,
            "invoice_id": "42",
            "data_from": "reserved",
            "data_google.x": "too",
        }

    async def test_an_access_token_is_asked_for_once_for_all(self, authority: Authority) -> None:
        async with fcm(authority) as (google, pusher):
            await asyncio.gather(*(pusher.push(MESSAGE, to_google()) for _ in range(20)))
        assert (len(google.granted), len(google.taken)) == (1, 20)

    async def test_it_is_renewed_before_its_end(self, authority: Authority) -> None:
        time = Time()
        async with fcm(authority, time) as (google, pusher):
            for _ in range(3):
                await pusher.push(MESSAGE, to_google())
                time.moment += timedelta(minutes=28)
        assert len(google.granted) == 2

    async def test_one_that_is_refused_is_renewed_once(self, authority: Authority) -> None:
        async with fcm(authority) as (google, pusher):
            await pusher.push(MESSAGE, to_google())
            google.good.clear()
            assert (await pusher.push(MESSAGE, to_google())).verdict is PushVerdict.ACCEPTED
            assert len(google.granted) == 2
            google.grants = lambda: Says(200, {"access_token": "forged", "expires_in": 3_600})
            google.good.clear()
            assert came_to(await pusher.push(MESSAGE, to_google())) == ("later", "provider_credentials", 60)

    @pytest.mark.parametrize(
        ("says", "came"),
        [
            (Says(400, {"error": "invalid_grant"}), ("later", "provider_credentials", 60)),
            (Says(200, {"access_token": "a\nb", "expires_in": 1}), ("later", "provider_credentials", 60)),
            (Says(200, {"access_token": "a"}), ("later", "provider_credentials", 60)),
            (Says(200, raw=b"["), ("later", "provider_credentials", 60)),
            (Says(503, headers={"retry-after": "7"}), ("later", "no_access_token", 7)),
            (Says(200, raw=b"x" * 200_000), ("later", "no_access_token", None)),
        ],
    )
    async def test_without_an_access_token_nothing_is_sent_and_it_is_not_asked_for_again_at_once(
        self, authority: Authority, says: Says, came: tuple[str, str, int | None]
    ) -> None:
        asked: list[int] = []

        def grants() -> Says:
            asked.append(1)
            return says

        async with fcm(authority) as (google, pusher):
            google.grants = grants
            answers = await asyncio.gather(*(pusher.push(MESSAGE, to_google()) for _ in range(5)))
        assert [came_to(each) for each in answers] == [came] * 5
        assert (len(asked), google.taken) == (1, [])

    @pytest.mark.parametrize(
        ("status", "code", "came"),
        [
            (404, "UNREGISTERED", ("gone", "UNREGISTERED", None)),
            (404, None, ("refused", "NOT_FOUND", None)),
            (400, "INVALID_ARGUMENT", ("refused", "INVALID_ARGUMENT", None)),
            (403, "SENDER_ID_MISMATCH", ("refused", "SENDER_ID_MISMATCH", None)),
            (403, None, ("later", "provider_credentials", 60)),
            (401, "THIRD_PARTY_AUTH_ERROR", ("refused", "THIRD_PARTY_AUTH_ERROR", None)),
            (429, "QUOTA_EXCEEDED", ("later", "QUOTA_EXCEEDED", 30)),
            (503, "UNAVAILABLE", ("later", "UNAVAILABLE", 30)),
            (500, "INTERNAL", ("later", "INTERNAL", 30)),
            (502, None, ("uncertain", "NOT_FOUND", None)),
        ],
    )
    async def test_what_google_answers_otherwise(
        self, authority: Authority, status: int, code: str | None, came: tuple[str, str, int | None]
    ) -> None:
        kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        details = [{"@type": kind, "errorCode": code}] if code else []
        error = {"code": status, "message": "x", "status": "NOT_FOUND", "details": details}
        async with fcm(authority) as (google, pusher):
            google.rule = lambda _: Says(status, {"error": error}, {"retry-after": "30"})
            assert came_to(await pusher.push(MESSAGE, to_google())) == came

    @pytest.mark.parametrize(
        ("status", "code", "waits"),
        [(429, "QUOTA_EXCEEDED", PushWait.DEVICE), (503, "UNAVAILABLE", PushWait.LANE)],
    )
    async def test_what_is_too_much_for_a_device_is_told_from_a_google_that_is_away(
        self, authority: Authority, status: int, code: str, waits: PushWait
    ) -> None:
        error = {"details": [{"errorCode": code}], "status": "x"}
        async with fcm(authority) as (google, pusher):
            google.rule = lambda _: Says(status, {"error": error}, {"retry-after": "30"})
            assert (await pusher.push(MESSAGE, to_google())).waits is waits

    @pytest.mark.parametrize("raw", [b"", b"{}", b'{"name":7}', b"[" * 100_000, b"\xff", b"<html>"])
    async def test_a_yes_that_names_no_message_is_none(self, authority: Authority, raw: bytes) -> None:
        async with fcm(authority) as (google, pusher):
            google.rule = lambda _: Says(200, raw=raw[:60_000])
            assert came_to(await pusher.push(MESSAGE, to_google())) == ("uncertain", "strange_answer", None)

    @pytest.mark.parametrize("lacking", ["project_id", "client_email", "private_key", "token_uri"])
    def test_a_service_account_that_lacks_something_is_told_without_repeating_it(self, lacking: str) -> None:
        google = Fcm()
        google.url = "https://localhost"
        account = json.loads(google.account())
        del account[lacking]
        with pytest.raises(ValueError, match=lacking) as refused:
            ServiceAccount.parse(json.dumps(account))
        assert "PRIVATE" not in str(refused.value)
        assert "PRIVATE" not in repr(ServiceAccount.parse(google.account()))
