"""Serving for real: a worker that serves and drains, a port that is taken, a server that is killed."""

import signal
import socket
import sys

import httpx2
import pytest
from tests.unit.entrypoints.http_server import answers, http_server, until

from multiproduct.entrypoints.http.serving import PortTakenError, own_url, refuse_taken_port


def test_a_server_serves_and_drains_on_sigterm(tmp_path) -> None:
    with http_server(tmp_path) as (process, port):
        answer = httpx2.get(f"http://127.0.0.1:{port}/api/v1/identity/usernames/check?username=peter.p")
        assert (answer.status_code, answer.json()["available"]) == (200, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=90) == 0
        assert not answers(port)


def test_a_port_that_answers_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(PortTakenError, match=str(port)):
                refuse_taken_port(host, port)
    refuse_taken_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::", "http://[::1]:9000"),
        ("shop.example", "http://shop.example:9000"),
    ],
)
def test_links_lead_to_where_a_browser_reaches_the_server(host: str, url: str) -> None:
    assert own_url(host, 9000) == url


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: PR_SET_PDEATHSIG")
def test_workers_die_with_a_server_that_is_killed(tmp_path) -> None:
    with http_server(tmp_path) as (process, port):
        process.kill()
        process.wait(timeout=90)
        until(lambda: not answers(port))
