"""What every client of the web must do."""

import asyncio

import pytest

from multiproduct.application.ports.web_client import WebClient, WebRequest, WebUnreachable


class WebClientContract:
    """Needs the fixtures `web` (a `WebClient`) and `server_url`, the http address (no slash at its end)
    of a server on this machine that answers

    - `/echo` with 200, a header `X-Method` that names the method, and the request's header `X-Given`, a line
      feed, its Cookie header, a line feed and its body as body, setting a cookie;
    - `/status/N` with the status N; `/moved` with 302 and Location `/echo`;
    - `/bytes/N` with N bytes, `/endless` with bytes without end, `/announced` with a length of 10**9;
    - `/slow` not at all; `/drip` with a byte now and then for ever; `/cut` with less than it announced;
    - `/zipped` with Content-Encoding gzip.
    """

    @pytest.fixture
    def web(self) -> WebClient:
        raise NotImplementedError

    @pytest.fixture
    def server_url(self) -> str:
        raise NotImplementedError

    async def test_method_headers_and_body_arrive_and_the_answer_comes_back(
        self, web: WebClient, server_url: str
    ) -> None:
        answer = await web.send(
            WebRequest(method="POST", url=f"{server_url}/echo", headers={"X-Given": "a"}, body=b"\x00b")
        )
        assert answer.status == 200
        assert answer.headers["x-method"] == "POST"
        assert answer.body == b"a\n\n\x00b"

    @pytest.mark.parametrize("status", [204, 400, 404, 500, 503])
    async def test_any_status_is_an_answer(self, web: WebClient, server_url: str, status: int) -> None:
        answer = await web.send(WebRequest(method="GET", url=f"{server_url}/status/{status}"))
        assert answer.status == status

    async def test_no_redirect_is_followed(self, web: WebClient, server_url: str) -> None:
        answer = await web.send(WebRequest(method="GET", url=f"{server_url}/moved"))
        assert (answer.status, answer.headers["location"]) == (302, "/echo")

    async def test_no_cookie_is_kept(self, web: WebClient, server_url: str) -> None:
        request = WebRequest(method="GET", url=f"{server_url}/echo")
        first = await web.send(request)
        assert "set-cookie" in first.headers
        assert (await web.send(request)).body == first.body

    async def test_as_many_bytes_as_are_allowed_are_read(self, web: WebClient, server_url: str) -> None:
        answer = await web.send(WebRequest(method="GET", url=f"{server_url}/bytes/1000", max_bytes=1000))
        assert len(answer.body) == 1000

    @pytest.mark.parametrize("path", ["/bytes/1001", "/endless", "/announced", "/zipped", "/cut"])
    async def test_what_is_too_long_compressed_or_cut_off_is_no_answer(
        self, web: WebClient, server_url: str, path: str
    ) -> None:
        with pytest.raises(WebUnreachable):
            await web.send(WebRequest(method="GET", url=f"{server_url}{path}", max_bytes=1000, timeout=20.0))

    @pytest.mark.parametrize("path", ["/slow", "/drip"])
    async def test_the_timeout_is_for_the_whole_call(
        self, web: WebClient, server_url: str, path: str
    ) -> None:
        async with asyncio.timeout(20):
            with pytest.raises(WebUnreachable) as refusal:
                await web.send(WebRequest(method="GET", url=f"{server_url}{path}", timeout=0.3))
        assert not refusal.value.unsent

    async def test_nobody_there_is_no_answer_and_nothing_was_sent(self, web: WebClient) -> None:
        with pytest.raises(WebUnreachable) as refusal:
            await web.send(WebRequest(method="GET", url="http://127.0.0.1:1/", timeout=5.0))
        assert refusal.value.unsent

    @pytest.mark.parametrize(
        "url",
        ["http://192.0.2.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "/echo", "https://", "http://["],
    )
    async def test_other_addresses_are_not_called(self, web: WebClient, url: str) -> None:
        with pytest.raises(WebUnreachable):
            await web.send(WebRequest(method="GET", url=url, timeout=5.0))

    async def test_a_refusal_repeats_nothing_of_the_address(self, web: WebClient, server_url: str) -> None:
        with pytest.raises(WebUnreachable) as refusal:
            await web.send(WebRequest(method="GET", url=f"{server_url}/cut?token=secret"))
        assert "secret" not in str(refusal.value)

    async def test_many_calls_go_on_at_once(self, web: WebClient, server_url: str) -> None:
        requests = [WebRequest(method="GET", url=f"{server_url}/bytes/{size}") for size in range(1, 41)]
        answers = await asyncio.gather(*(web.send(request) for request in requests))
        assert [len(answer.body) for answer in answers] == list(range(1, 41))
