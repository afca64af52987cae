"""A person at the HTTP interface, who reads the own mail."""

import re
import time
from collections.abc import Callable
from typing import Any, Self

import httpx2

PASSWORD = "correct horse battery staple"
MAIL_WITHIN_SECONDS = 90.0

ReadMail = Callable[[str], list[dict[str, Any]]]


class Person:
    """Does over HTTP what the README tells."""

    def __init__(self, base_url: str, email: str, *, read_mail: ReadMail | None = None) -> None:
        self.email = email
        self.http = httpx2.Client(base_url=base_url, timeout=30)
        self._read_mail = read_mail or self._mailbox

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def sign_up(self, **fields: str) -> dict[str, Any]:
        answer = self.http.post(
            "/api/v1/identity/registration", json={"email": self.email, "password": PASSWORD, **fields}
        )
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def mail(self) -> dict[str, Any]:
        """The newest mail, waited for."""
        deadline = time.monotonic() + MAIL_WITHIN_SECONDS
        while time.monotonic() < deadline:
            mails = self._read_mail(self.email)
            if mails:
                return mails[0]
            time.sleep(0.05)
        raise AssertionError(f"no mail reached {self.email}")

    def code(self) -> str:
        found = re.search(r"\b\d{6}\b", self.mail()["text"])
        assert found, "no code in the mail"
        return found.group()

    def verify(self, challenge_id: str, otp: str) -> httpx2.Response:
        return self.http.post(
            "/api/v1/identity/registration/verify", json={"challenge_id": challenge_id, "otp": otp}
        )

    def sign_in(self) -> dict[str, Any]:
        answer = self.http.post("/api/v1/identity/sign-in", json={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refresh(self, token: str) -> httpx2.Response:
        return self.http.post("/api/v1/identity/token/refresh", json={"refresh": token})

    def me(self, access: str) -> httpx2.Response:
        return self.http.get("/api/v1/identity/me", headers={"Authorization": f"Bearer {access}"})

    def sign_out(self, access: str) -> httpx2.Response:
        return self.http.post("/api/v1/identity/sign-out", headers={"Authorization": f"Bearer {access}"})

    def lives_the_journey(self) -> None:
        """Signs up, verifies, signs in, refreshes, reads the profile, signs out; asserts each step."""
        started = self.sign_up()
        verified = self.verify(started["challenge_id"], self.code())
        assert verified.status_code == 201, verified.text
        tokens = self.sign_in()
        assert tokens["user"]["email"] == self.email
        fresh = self.refresh(tokens["refresh"])
        assert fresh.status_code == 200, fresh.text
        access = fresh.json()["access"]
        assert self.me(access).json()["email"] == self.email
        assert self.sign_out(access).status_code == 200
        assert self.me(access).status_code == 401
        assert self.refresh(fresh.json()["refresh"]).status_code == 401

    def _mailbox(self, to: str) -> list[dict[str, Any]]:
        answer = self.http.get("/dev/mailbox", params={"to": to})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])
