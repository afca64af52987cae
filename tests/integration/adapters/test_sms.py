"""The gateways for short messages, over HTTP to a server that the test starts."""

import base64
import json
from urllib.parse import parse_qsl

import pytest
from tests.integration.adapters.web_stub import WebStub, web_stub

from multiproduct.adapters.contracts.texter import Gateway, TexterContract, a_text
from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.adapters.sms import JsonFields, JsonGatewayTexter, TwilioTexter, texter_of
from multiproduct.application.ports.texter import TextRefused


@pytest.fixture
async def stub():
    async with web_stub() as served:
        yield served


@pytest.fixture
async def web():
    client = Httpx2WebClient()
    yield client
    await client.close()


class StubGateway(Gateway):
    """The stub, whose answers are read back by `read`."""

    def __init__(self, stub: WebStub, read) -> None:
        self._stub, self._read = stub, read

    async def arrived(self):
        return [self._read(asked.body) for asked in self._stub.asked]

    def answers(self, status, *, retry_after=None):
        self._stub.status = status
        self._stub.headers = {"retry-after": retry_after} if retry_after else {}

    def is_gone(self):
        self._stub.stop()

    def is_silent(self):
        self._stub.hangs_up = True


def from_json(body):
    message = json.loads(body)
    return message["to"], message["text"]


def from_form(body):
    form = dict(parse_qsl(body.decode(), strict_parsing=True))
    return form["To"], form["Body"]


def a_json_gateway(web, url, *, fields=""):
    return JsonGatewayTexter(
        web=web, url=url, header="X-Api-Key", key="k-1", sender="STARK", fields=JsonFields.parse(fields)
    )


def a_twilio(web, url, *, sender="+15005550006"):
    return TwilioTexter(web=web, account="AC00", token="t-1", sender=sender, url=url)


class TestJsonGateway(TexterContract):
    @pytest.fixture
    def gateway(self, stub):
        return StubGateway(stub, from_json)

    @pytest.fixture
    def texter(self, web, stub):
        return a_json_gateway(web, f"{stub.url}/send?route=otp")


class TestTwilio(TexterContract):
    @pytest.fixture
    def gateway(self, stub):
        return StubGateway(stub, from_form)

    @pytest.fixture
    def texter(self, web, stub):
        return a_twilio(web, stub.url)


async def test_a_json_gateway_is_told_key_sender_and_reference(web, stub):
    await a_json_gateway(web, f"{stub.url}/send").send(a_text(message_id="m-7"))
    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/send")
    assert asked.headers["x-api-key"] == "k-1"
    assert asked.headers["idempotency-key"] == "m-7"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {
        "to": "+886912345678",
        "text": "482913 is your code.",
        "from": "STARK",
        "reference": "m-7",
    }


async def test_a_json_gateway_has_its_own_names_for_fields(web, stub):
    fields = "to=message.recipient, text=message.body, from=, reference=id"
    await a_json_gateway(web, stub.url, fields=fields).send(a_text(message_id="m-7"))
    (asked,) = stub.asked
    assert json.loads(asked.body) == {
        "message": {"recipient": "+886912345678", "body": "482913 is your code."},
        "id": "m-7",
    }


@pytest.mark.parametrize("fields", ["to", "whom=x", "to=", "text="])
def test_field_names_that_cannot_be_are_refused(fields):
    with pytest.raises(ValueError, match="to"):
        JsonFields.parse(fields)


async def test_twilio_is_asked_as_its_interface_says(web, stub):
    stub.status = 201
    await a_twilio(web, stub.url).send(a_text())
    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC00/Messages.json")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"AC00:t-1").decode()
    assert dict(parse_qsl(asked.body.decode()))["From"] == "+15005550006"


async def test_twilio_takes_a_messaging_service_for_a_sender(web, stub):
    await a_twilio(web, stub.url, sender="MG" + "0" * 32).send(a_text())
    form = dict(parse_qsl(stub.asked[0].body.decode()))
    assert form["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in form


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code": 21211, "message": "Invalid To +886912345678"}', "twilio_21211"),
        (b"<html>", "status_400"),
        (b'["x"]', "status_400"),
        (b'{"code": "+886912345678"}', "status_400"),
    ],
)
async def test_twilios_number_of_an_error_is_the_reason_and_its_words_are_not(web, stub, body, reason):
    stub.status, stub.body = 400, body
    with pytest.raises(TextRefused) as refusal:
        await a_twilio(web, stub.url).send(a_text())
    assert refusal.value.params == {"reason": reason}


async def test_a_gateway_is_made_by_its_name(web):
    given = {"url": None, "account": "AC0", "key": "k", "header": "X-Key", "sender": "X", "fields": ""}
    assert isinstance(texter_of("twilio", web=web, **given), TwilioTexter)
    assert isinstance(texter_of("json", web=web, **given), JsonGatewayTexter)
    with pytest.raises(ValueError, match="pigeons"):
        texter_of("pigeons", web=web, **given)
