"""A life over HTTP that proves who it is in every way, and tells the canaries each of its secrets."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

import httpx2
from tests.integration.journeys.canaries import Canaries
from tests.integration.journeys.person import ReadMail

BASE = "/api/v1/identity"
WITHIN_SECONDS = 90.0
CODE = re.compile(r"\b[0-9]{10}\b")
LINK = re.compile(r"/(verify-email|reset-password|confirm-email|stop-change|invitation)/([A-Za-z0-9_-]{20,})")


def _refuse_failures(answer: httpx2.Response) -> None:
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.status_code}"


class Life:
    """Someone at the HTTP interface. `read` are the messages to an address or number, the newest first."""

    def __init__(self, base_url: str, canaries: Canaries, *, read: ReadMail | None = None) -> None:
        """Without `read` they are in the development mailbox."""
        self.http = httpx2.Client(base_url=base_url, timeout=30, event_hooks={"response": [_refuse_failures]})
        self.canaries = canaries
        self._read = read or self._mailbox
        self._seen: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    # What every step is made of.

    def ask(self, method: str, path: str, status: int, **given: Any) -> Any:
        answer = self.http.request(method, path, **given)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[-400:]}"
        return answer.json() if answer.headers.get("content-type", "").startswith("application/") else None

    def post(
        self, path: str, status: int = 200, *, by: str | None = None, key: bool = False, **document: Any
    ) -> Any:
        """By the bearer of an access token, and with an Idempotency-Key, where asked for."""
        headers = {"authorization": f"Bearer {by}"} if by else {}
        if key:
            headers["idempotency-key"] = secrets.token_hex(8)
        answer = self.ask("POST", f"{BASE}/{path}", status, json=document, headers=headers)
        if key:
            again = self.ask("POST", f"{BASE}/{path}", status, json=document, headers=headers)
            assert again == answer
        return answer

    def message(self, to: str, holds: Callable[[str], Any]) -> str:
        """The text of the newest message among those not looked at yet which holds what is looked for."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < deadline:
            texts = [each["text"] for each in self._read(to)]
            for text in texts[: len(texts) - self._seen.get(to, 0)]:
                if holds(text):
                    self._seen[to] = len(texts)
                    self.meet(text)
                    return text
            time.sleep(0.05)
        raise AssertionError(f"no such message reached {to}: {self._read(to)}")

    def meet(self, text: str) -> None:
        """Tells the canaries every code and link token of a message."""
        for code in CODE.findall(text):
            self.canaries.add_code("code that was sent", code)
        for page, token in LINK.findall(text):
            self.canaries.add_token(f"link token of {page}", token)

    def meet_everything(self) -> None:
        """What no step has read: notices, and codes that nobody typed."""
        for to in self._seen:
            for each in self._read(to):
                self.meet(each["text"])

    def code(self, to: str) -> str:
        return str(CODE.search(self.message(to, CODE.search))[0])

    def link(self, to: str, page: str) -> str:
        wanted = re.compile(rf"/{page}/([A-Za-z0-9_-]+)")
        return str(wanted.search(self.message(to, wanted.search))[1])

    def wrong_code(self) -> str:
        wrong = f"{secrets.randbelow(10**10):010d}"
        self.canaries.add_code("wrong code", wrong)
        return wrong

    def met(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Tells the canaries an answer's tokens."""
        for name in ("access", "refresh", "mfa_token"):
            if name in tokens:
                self.canaries.add_token(f"{name} token", tokens[name])
        return tokens

    def now(self) -> datetime:
        return datetime.fromisoformat(self.ask("GET", "/dev/clock", 200)["now"])

    def pass_by(self, duration: str) -> None:
        self.ask("POST", "/dev/clock", 200, json={"advance": duration})

    def _mailbox(self, to: str) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/dev/mailbox", 200, params={"to": to})["items"])

    # The plain ways in.

    def sign_up(self, email: str) -> str:
        """By the code, after a wrong one and a newer one; answers the password."""
        password = self.canaries.password("password of a sign-up")
        asked = self.post("registration", 202, key=True, email=email, password=password)
        self.code(email)
        self.pass_by("PT31S")
        challenge = self.post("registration/resend", 202, challenge_id=asked["challenge_id"])["challenge_id"]
        code = self.code(email)
        self.post("registration/verify", 422, challenge_id=challenge, otp=self.wrong_code())
        self.post("registration/verify", 201, key=True, challenge_id=challenge, otp=code)
        return password

    def sign_up_by_link(self, email: str) -> str:
        """By the page of the link, looked at first."""
        password = self.canaries.password("password of a sign-up by link")
        self.post("registration", 202, email=email, password=password)
        page = f"/verify-email/{self.link(email, 'verify-email')}"
        self.ask("GET", page, 200)
        self.ask("POST", page, 200, data={"password": password})
        self.ask("GET", page, 410)
        return password

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        return self.met(self.post("sign-in", email=email, password=password))

    def sign_in_in_every_plain_way(self, email: str, password: str) -> None:
        wrong = self.canaries.password("wrong password")
        self.post("sign-in", 401, email=email, password=wrong)
        self.post("sign-in", 401, username=wrong[:30], password=password)
        asked = self.post("sign-in/code", 202, key=True, email=email)
        code = self.code(email)
        self.post("sign-in", 422, challenge_id=asked["challenge_id"], otp=self.wrong_code())
        tokens = self.met(self.post("sign-in", challenge_id=asked["challenge_id"], otp=code))
        self.post("token/verify", token=tokens["access"])
        used = tokens["refresh"]
        for _ in range(4):
            tokens = self.met(self.post("token/refresh", refresh=tokens["refresh"]))
        self.pass_by("PT2M")
        self.post("token/refresh", 401, refresh=used)
        self.post("token/refresh", 401, refresh=tokens["refresh"])
        self.post("sign-out", refresh=self.sign_in(email, password)["refresh"])

    def forget_the_password(self, email: str) -> str:
        """By the code, and again by the link's page; answers the newest password."""
        asked = self.post("password-reset", 202, key=True, email=email)
        code = self.code(email)
        new = self.canaries.password("password of a reset")
        self.post(
            "password-reset/confirm",
            422,
            challenge_id=asked["challenge_id"],
            otp=self.wrong_code(),
            new_password=new,
        )
        self.post(
            "password-reset/confirm", key=True, challenge_id=asked["challenge_id"], otp=code, new_password=new
        )
        self.pass_by("PT2M")
        self.post("password-reset", 202, email=email)
        page = f"/reset-password/{self.link(email, 'reset-password')}"
        newest = self.canaries.password("password of a reset by link")
        self.ask("GET", page, 200)
        self.ask("POST", page, 422, data={"new_password": "short"})
        self.ask("POST", page, 200, data={"new_password": newest})
        return newest

    def change_the_password(self, email: str, password: str) -> str:
        access = self.sign_in(email, password)["access"]
        wrong, new = self.canaries.password("wrong current password"), self.canaries.password("new password")
        self.post("password/change", 422, by=access, current_password=wrong, new_password=new)
        self.post("password/change", by=access, current_password=password, new_password=new)
        return new
