"""Texted codes as a second factor, and a receiver of webhooks who is told of everything, for a life of
canaries."""

import base64
import time
from typing import Any

from tests.integration.journeys.canaries import Canaries, Sink
from tests.integration.journeys.canary_life import WITHIN_SECONDS, Life
from tests.integration.journeys.canary_proofs import met_recovery_codes
from tests.servers.web import Answered, Asked

ENDPOINTS = "/api/v1/webhooks/endpoints"


class Receiver:
    """Takes every message in, and keeps what it was sent."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answered:
        self._asked.append(asked)
        return Answered(204)

    def wait_for(self, words: bytes) -> None:
        """Until a message has come that holds them."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while not any(words in each.body for each in self._asked):
            assert time.monotonic() < deadline, f"no message with {words!r} came"
            time.sleep(0.05)

    @property
    def sinks(self) -> list[Sink]:
        """What came, with the headers and the paths."""
        said = [
            b"\n".join((each.path.encode(), repr(dict(each.headers)).encode(), each.body))
            for each in self._asked
        ]
        return [Sink("messages to a receiver of webhooks", b"\n".join(said))]


def tell_everything(life: Life, admin: str, url: str) -> None:
    """An endpoint of the installation's, told of every event from now on; its secret is then rotated."""
    headers = {"authorization": f"Bearer {admin}"}
    wanted = {"url": url, "events": ["*"], "owner": "installation", "description": "Our warehouse"}
    key = {"idempotency-key": "the-one-and-only-endpoint"}
    made = life.ask("POST", ENDPOINTS, 201, json=wanted, headers=headers | key)
    _meet_secret(life.canaries, made)
    assert life.ask("POST", ENDPOINTS, 201, json=wanted, headers=headers | key)["secret"] is None
    path = f"{ENDPOINTS}/{made['endpoint']['id']}/rotate-secret"
    _meet_secret(life.canaries, life.ask("POST", path, 200, json={"overlap_hours": 1}, headers=headers))


def _meet_secret(canaries: Canaries, answer: dict[str, Any]) -> None:
    text = answer["secret"].removeprefix("whsec_")
    canaries.add("secret of a webhook", text.rstrip("="))
    canaries.add("secret of a webhook (bytes)", base64.b64decode(text))


def use_texts_as_a_factor(life: Life, email: str, password: str, number: str) -> None:
    """Takes texted codes as a second factor, signs in with one after a wrong one, and takes them no more."""
    access = life.sign_in(email, password)["access"]
    codes = met_recovery_codes(life, life.post("second-factors/sms", by=access))
    tokens = _by_text(life, email, password, number)
    life.post("second-factors/sms/remove", by=tokens["access"], method="recovery_code", code=codes[0])


def _by_text(life: Life, email: str, password: str, number: str) -> dict[str, Any]:
    mfa_token = life.sign_in(email, password)["mfa_token"]
    life.pass_by("PT2M")
    asked = life.post("sign-in/second-factor/sms", 202, mfa_token=mfa_token)
    proof = {"mfa_token": mfa_token, "method": "sms", "challenge_id": asked["challenge_id"]}
    code = life.code(number)
    life.post("sign-in/second-factor", 422, **proof, code=life.wrong_code())
    return life.met(life.post("sign-in/second-factor", **proof, code=code))
