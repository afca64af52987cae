"""Serving for real: a worker that serves and drains, a port that is taken, a server that is killed."""

import signal
import socket
import sys

import httpx2
import pytest
from tests.unit.entrypoints.http_server import answers, http_server, until

from multiproduct.entrypoints.http.serving import PortTakenError, refuse_taken_port


def test_a_server_serves_and_drains_on_sigterm(tmp_path) -> None:
    with http_server(tmp_path) as (process, port):
        answer = httpx2.get(f"http://127.0.0.1:{port}/api/v1/identity/usernames/check?username=peter.p")
        assert (answer.status_code, answer.json()["available"]) == (200, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not answers(port)


def test_a_port_that_answers_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(PortTakenError, match=str(port)):
                refuse_taken_port(host, port)
    refuse_taken_port("127.0.0.1", port)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: PR_SET_PDEATHSIG")
def test_workers_die_with_a_server_that_is_killed(tmp_path) -> None:
    with http_server(tmp_path) as (process, port):
        process.kill()
        process.wait(timeout=20)
        until(lambda: not answers(port))
