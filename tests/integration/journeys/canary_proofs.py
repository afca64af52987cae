"""The further ways of proving who one is, and the secrets that go astray, for a life of canaries."""

import base64
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integration.journeys.canaries import Canaries
from tests.integration.journeys.canary_life import BASE, Life
from tests.servers.provider import APP_ID, TestProvider
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice, b64, claims
from tests.unit.application.identity.factors import app_code

from multiproduct.domain.identity import recovery_codes

ONE_STEP = "PT31S"


class App:
    """An authenticator app. Each code is of a later step than the one before."""

    def __init__(self, life: Life, secret: str) -> None:
        self._life = life
        self._secret = secret
        life.canaries.add("TOTP secret", secret)
        life.canaries.add("TOTP secret (bytes)", base64.b32decode(secret + "=" * (-len(secret) % 8)))
        self.last = ""

    def code(self) -> str:
        self._life.pass_by(ONE_STEP)
        self.last = app_code(self._secret, self._life.now())
        self._life.canaries.add_code("code of an app", self.last)
        return self.last


def protect_the_account(life: Life, email: str, password: str) -> None:
    """An app and recovery codes, then two-step sign-ins and a step-up with them."""
    access = life.sign_in(email, password)["access"]
    shown = life.post("second-factors/totp", 201, by=access, name="App")
    app = App(life, shown["secret"])
    life.canaries.add("provisioning URI", shown["uri"])
    confirm = {"by": access, "factor_id": shown["factor_id"]}
    life.post("second-factors/totp/confirm", 422, **confirm, code="000000")
    added = life.post("second-factors/totp/confirm", **confirm, code=app.code())
    first, *_ = met_recovery_codes(life, added)
    _two_steps(life, email, password, app, first)
    tokens = life.met(_second_step(life, email, password, first))
    life.pass_by("PT6M")
    life.post("second-factors/recovery-codes", 403, by=tokens["access"])
    life.post("step-up", 403, by=tokens["access"], password=life.canaries.password("wrong password"))
    life.post("step-up", by=tokens["access"], code=app.code())
    met_recovery_codes(life, life.post("second-factors/recovery-codes", 201, by=tokens["access"]))


def _two_steps(life: Life, email: str, password: str, app: App, recovery: str) -> None:
    mfa_token = life.sign_in(email, password)["mfa_token"]
    life.post("sign-in/second-factor", 422, mfa_token=mfa_token, code=app.last)
    life.met(life.post("sign-in/second-factor", mfa_token=mfa_token, code=app.code()))
    wrong = recovery_codes.written(secrets.token_bytes(recovery_codes.CODE_BYTES))
    met_recovery_codes(life, {"recovery_codes": [wrong]})
    mfa_token = life.sign_in(email, password)["mfa_token"]
    life.post("sign-in/second-factor", 422, mfa_token=mfa_token, code=wrong)


def _second_step(life: Life, email: str, password: str, code: str) -> dict[str, Any]:
    mfa_token = life.sign_in(email, password)["mfa_token"]
    return dict(life.post("sign-in/second-factor", mfa_token=mfa_token, code=code))


def met_recovery_codes(life: Life, answer: dict[str, Any]) -> list[str]:
    codes: list[str] = answer["recovery_codes"]
    for code in codes:
        raw = recovery_codes.read(code)
        assert raw is not None
        life.canaries.add("recovery code", code)
        life.canaries.add("recovery code without hyphens", code.replace("-", ""))
        life.canaries.add("recovery code (bytes)", raw)
        life.canaries.add("recovery code (digest)", recovery_codes.digest(raw))
    return codes


def use_a_device_key(life: Life, email: str, password: str) -> None:
    """Enrols one, signs in with it after a wrong answer, and revokes it."""
    device, access = SoftwareDevice(), life.sign_in(email, password)["access"]
    offered = _Offer(life.post("device-keys/enroll", by=access))
    kept = life.post(
        "device-keys/enroll",
        by=access,
        challenge_id=offered.challenge_id,
        public_key=b64(device.spki),
        signature=_answered(life, device, offered, claims("platform", "hardware")),
        user_verification="platform",
        storage="hardware",
        name="Telephone",
    )
    for status, signer in ((401, SoftwareDevice()), (200, device)):
        offered = _Offer(life.post("device-keys/authenticate", key_id=device.key_id))
        message = device.message(offered)
        signature = b64(signer.sign(message))
        life.canaries.add_token("signature of a device", signature)
        named = {"challenge_id": offered.challenge_id, "key_id": device.key_id}
        answer = life.post("device-keys/authenticate", status, **named, signature=signature)
        life.met(answer)
    headers = {"authorization": f"Bearer {access}"}
    life.ask("DELETE", f"{BASE}/device-keys/{kept['id']}", 200, headers=headers)


class _Offer:
    """A challenge as the software device reads it."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.challenge_id: str = answer["challenge_id"]
        self.challenge: str = answer["challenge"]
        self.rp: str = answer["rp"]
        self.purpose: str = answer["purpose"]


def _answered(life: Life, device: SoftwareDevice, offered: _Offer, body: bytes) -> str:
    signature = b64(device.sign(device.message(offered, body)))
    life.canaries.add_token("signature of a device", signature)
    return signature


def use_a_passkey(life: Life, email: str, password: str, origin: str) -> None:
    """Makes one and signs in with it."""
    authenticator = SoftwareAuthenticator(origin=origin)
    access = life.sign_in(email, password)["access"]
    options = life.post("passkeys/registration/options", by=access)
    made = life.post(
        "passkeys/registration",
        201,
        by=access,
        challenge_id=options["challenge_id"],
        credential=authenticator.create(options["public_key"]),
    )
    met_recovery_codes(life, {"recovery_codes": made.get("recovery_codes", [])})
    options = life.post("passkeys/authentication/options")
    credential = authenticator.get(options["public_key"])
    life.canaries.add_token("signature of a passkey", credential["response"]["signature"])
    life.met(
        life.post("passkeys/authentication", challenge_id=options["challenge_id"], credential=credential)
    )


def sign_in_by_phone(life: Life, number: str) -> None:
    """A new account by a PIN, with a first password."""
    asked = life.post("phone/sign-in", 202, key=True, phone=number)
    pin = life.code(number)
    life.post("phone/sign-in/verify", 422, challenge_id=asked["challenge_id"], otp=life.wrong_code())
    tokens = life.met(life.post("phone/sign-in/verify", challenge_id=asked["challenge_id"], otp=pin))
    first = life.canaries.password("first password")
    life.post("password/set", by=tokens["access"], new_password=first)
    life.pass_by("PT2M")
    life.ask("POST", "/api/v1/user/pin/create/", 202, json={"mobile": number})
    life.code(number)


def come_from_providers(life: Life, provider: TestProvider) -> None:
    """With an ID token and a nonce, by a browser's way there and back, and with Facebook's access token."""
    provider.now = life.now
    nonce = life.post("social/nonce", 201)["nonce"]
    life.canaries.add("nonce of a social sign-in", nonce)
    token = _id_token(life, provider, "subject-1", nonce=nonce)
    life.met(life.post("social/google/token", id_token=token, nonce=nonce))
    life.post("social/google/token", 401, id_token=token[:-8] + "AAAAAAAA", nonce=nonce)
    for name in ("google", "apple"):
        _there_and_back(life, provider, name)
    access = f"facebook{secrets.token_hex(20)}"
    life.canaries.add("Facebook's access token", access)
    provider.debug[access] = {"app_id": APP_ID, "is_valid": True, "user_id": "77", "type": "USER"}
    provider.people[access] = {"id": "77", "first_name": "Ada", "last_name": "L"}
    life.met(life.post("social/facebook/token", access_token=access))
    provider.debug[access] = {"app_id": APP_ID, "is_valid": False}
    life.post("social/facebook/token", 401, access_token=access)


def _id_token(life: Life, provider: TestProvider, subject: str, **claims: Any) -> str:
    token = provider.token(subject, **claims)
    life.canaries.add_token("ID token", token)
    return token


def _there_and_back(life: Life, provider: TestProvider, name: str) -> None:
    departure = life.http.post(f"{BASE}/social/{name}/start", json={})
    assert departure.status_code == 200, departure.text
    cookie = departure.headers["set-cookie"].partition(";")[0]
    asked = {each: values[0] for each, values in parse_qs(urlsplit(departure.json()["url"]).query).items()}
    code = f"authorisation{secrets.token_hex(16)}"
    life.canaries.add_token("browser cookie of a social sign-in", cookie.partition("=")[2])
    life.canaries.add("state of a social sign-in", asked["state"])
    life.canaries.add("nonce of a social sign-in", asked["nonce"])
    life.canaries.add("authorisation code", code)
    provider.codes[code] = {"id_token": _id_token(life, provider, f"{name}-1", nonce=asked["nonce"])}
    back, headers = {"state": asked["state"], "code": code}, {"cookie": cookie}
    path = f"{BASE}/social/{name}/callback"
    if name == "apple":
        life.met(life.ask("POST", path, 200, data=back, headers=headers))
    else:
        life.met(life.ask("GET", path, 200, params=back, headers=headers))
    life.ask("GET", path, 401, params=back, headers=headers)
    life.canaries.add("PKCE verifier", provider.forms[-1]["code_verifier"])
    life.canaries.add("client secret", provider.forms[-1]["client_secret"])


def invite(life: Life, admin: str, email: str) -> None:
    """An invitation, mailed again and accepted; and an account that staff made."""
    sent = life.post("invitations", 201, by=admin, key=True, email=email, first_name="Pepper")
    life.link(email, "invitation")
    life.post(f"invitations/{sent['id']}/resend", by=admin)
    token = life.link(email, "invitation")
    life.ask("GET", f"/invitation/{token}", 200)
    password = life.canaries.password("password of an invitation")
    life.post("invitations/accept", 422, token=token[:-4] + "AAAA", password=password)
    life.post("invitations/accept", token=token, password=password)
    life.sign_in(email, password)


def move(life: Life, email: str, password: str, new_email: str, number: str) -> None:
    """To another mailbox by code and to a telephone, then a change that the mailbox calls off."""
    access = life.sign_in(email, password)["access"]
    life.post("me/email", 202, by=access, email=new_email)
    life.link(email, "stop-change")
    code = life.code(new_email)
    life.post("me/email/confirm", 422, by=access, otp=life.wrong_code())
    life.post("me/email/confirm", by=access, otp=code)
    access = life.sign_in(new_email, password)["access"]
    life.post("me/phone", 202, by=access, phone=number)
    life.link(new_email, "stop-change")
    life.post("me/phone/confirm", by=access, otp=life.code(number))
    life.pass_by("PT2M")
    access = life.sign_in(new_email, password)["access"]
    life.post("me/email", 202, by=access, email=f"other.{new_email}")
    page = f"/stop-change/{life.link(new_email, 'stop-change')}"
    life.ask("GET", page, 200)
    life.ask("POST", page, 200)


def give_bank_details(life: Life, email: str, password: str) -> None:
    """An IBAN, and an account number in its place."""
    access = life.sign_in(email, password)["access"]
    iban, number = _iban(), f"{secrets.randbelow(10**14):014d}"
    life.canaries.add("IBAN", iban)
    life.canaries.add("account number in the IBAN", iban[8:])
    life.canaries.add("bank account number", number)
    headers = {"authorization": f"Bearer {access}"}
    spaced = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    life.canaries.add("IBAN with spaces", spaced)
    path = f"{BASE}/me/bank-details"
    life.ask("PUT", path, 200, json={"holder": "Tony Stark", "iban": spaced}, headers=headers)
    wrong = iban[:-1] + str((int(iban[-1]) + 1) % 10)
    life.canaries.add("wrong IBAN", wrong)
    life.ask("PUT", path, 422, json={"holder": "Tony Stark", "iban": wrong}, headers=headers)
    life.ask("GET", path, 200, headers=headers)
    life.ask("POST", path, 200, json={"holder": "Tony Stark", "account_number": number}, headers=headers)
    life.post("me/export", by=access)


def _iban() -> str:
    account = f"WEST{secrets.randbelow(10**14):014d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{account}GB00")
    return f"GB{98 - int(digits) % 97:02d}{account}"


def lose_secrets(life: Life, email: str) -> None:
    """Secrets where they do not belong: all of it is refused, and nobody notes it."""
    canaries: Canaries = life.canaries
    typed = canaries.password
    life.post("sign-in", 401, identifier=typed("password as a name"), password=typed("password of nobody"))
    life.post(
        "sign-in", 422, email=email, password=typed("password beside it"), passwort=typed("unknown field")
    )
    life.post("sign-in", 422, email=email, password=[typed("password in a list")])
    life.post("registration", 422, email=typed("password as an address"), password=typed("password"))
    life.post("registration", 422, email="x@y.example", phone=typed("password as a number"), password="x")
    life.post("registration/verify", 422, challenge_id=typed("code as an id"), otp=typed("code of letters"))
    life.post("token/refresh", 401, refresh=typed("password as a token"))
    life.post("token/verify", 401, token=typed("password as an access token"))
    life.post(
        "sign-in/second-factor", 401, mfa_token=typed("password as an MFA token"), code=life.wrong_code()
    )
    life.post("me/bank-details", 401, by=_typed_token(canaries), holder="x", iban=typed("IBAN of nobody"))
    astray = typed("password in a query")
    for path in (f"{BASE}/me", f"{BASE}/sign-in", "/", "/account/sign-in/", f"{BASE}/social/google/callback"):
        life.http.get(path, params={"password": astray, "access_token": astray, "state": astray})
    for path in ("/", f"{BASE}/", "/verify-email/", "/reset-password/", "/stop-change/", f"{BASE}/avatars/"):
        life.http.get(f"{path}{_typed_token(canaries)}")
        life.http.post(f"{path}{_typed_token(canaries)}", data={"new_password": typed("password in a form")})
    for header in ("authorization", "cookie", "idempotency-key", "x-api-key", "accept", "content-type"):
        value = f"Basic {_typed_token(canaries)}"
        life.http.post(f"{BASE}/sign-in/code", json={"email": email}, headers={header: value})
    for broken in ('{"password": "%s"', '{"password": %s}', '["%s"]', '{"%s": 1}', "%s"):
        content = broken % _typed_token(canaries)
        headers = {"content-type": "application/json"}
        life.ask(
            "POST", f"{BASE}/sign-in", 422 if _is_json(content) else 400, content=content, headers=headers
        )
    life.http.request("PROPFIND", f"{BASE}/sign-in", content=typed("password in a body").encode())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _typed_token(canaries: Canaries) -> str:
    token = f"astray{secrets.token_hex(20)}"
    canaries.add("token gone astray", token)
    return token
