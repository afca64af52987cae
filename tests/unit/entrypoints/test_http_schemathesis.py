"""Schemathesis sends what the OpenAPI document allows and what it forbids, and finds nothing."""

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from tests.campaigns import proof_scale
from tests.unit.entrypoints.http_server import http_server, until
from tests.unit.entrypoints.http_service import BASE, PASSWORD

EMAIL = "tony@stark.com"
SIGNING_OUT = "(sign-out|logout)"

# `positive_data_acceptance` wants every input that fits the schema to be accepted; a code, a token or an
# address that fits the schema and is wrong all the same is answered by 422.
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


def findings(folder: Path, port: int, *choice: str) -> str:
    """What Schemathesis says if it found anything, else nothing."""
    outcome = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run"),
            *(f"http://127.0.0.1:{port}/schema/?format=json", "--phases", "coverage,fuzzing"),
            *("--max-examples", str(proof_scale(3, 300)), "--seed", "1", "--no-color"),
            *("--exclude-checks", LEFT_OUT, *choice),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=proof_scale(1_200, 3_600),
        check=False,
    )
    if outcome.returncode == 0:
        return ""
    return outcome.stdout[-20_000:] + outcome.stderr[-5_000:]


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with http_server(tmp_path, RATE_LIMIT_PROFILE="unlimited") as (_, port):
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            token = access_token(client)
        # Signing out is left for the end: it would end the session that the other requests are made in.
        bearer = ("--header", f"Authorization: Bearer {token}")
        for choice in ((*bearer, "--exclude-path-regex", SIGNING_OUT), ("--include-path-regex", SIGNING_OUT)):
            found = findings(tmp_path, port, *choice)
            if found:
                pytest.fail(found, pytrace=False)
    assert "Traceback" not in (tmp_path / "log").read_text()
