"""Schemathesis sends what the OpenAPI document allows and what it forbids, and finds nothing."""

import re
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.campaigns import proof_is_asked
from tests.unit.entrypoints.http_server import http_server, until
from tests.unit.entrypoints.http_service import BASE, PASSWORD

EMAIL = "tony@stark.com"

# `positive_data_acceptance` wants every input that fits the schema to be accepted; a code, a token or an address
# that fits the schema and is wrong all the same is answered by 422.
LEFT_OUT = "positive_data_acceptance"


def access_token(client: httpx2.Client) -> str:
    client.post(f"{BASE}/registration", json={"email": EMAIL, "password": PASSWORD})
    texts: list[str] = []

    def has_come() -> bool:
        texts[:] = [each["text"] for each in client.get("/dev/mailbox").json()["items"]]
        return bool(texts)

    until(has_come)
    code = re.search(r"\b[0-9]{6}\b", texts[0])
    assert code is not None
    client.post(f"{BASE}/registration/verify", json={"email": EMAIL, "otp": code[0]})
    return client.post(f"{BASE}/sign-in", json={"email": EMAIL, "password": PASSWORD}).json()["access"]


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with http_server(tmp_path, RATE_LIMIT_PROFILE="unlimited") as (_, port):
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            token = access_token(client)
        program = Path(sys.executable).with_name("schemathesis")
        outcome = subprocess.run(
            [
                *(program, "run", f"http://127.0.0.1:{port}/schema/?format=json"),
                *("--phases", "coverage,fuzzing", "--max-examples", "300" if proof_is_asked() else "3"),
                *("--exclude-checks", LEFT_OUT, "--seed", "1", "--no-color"),
                *("--header", f"Authorization: Bearer {token}"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=3_600 if proof_is_asked() else 300,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stdout[-10_000:]
    assert "Traceback" not in (tmp_path / "log").read_text()
