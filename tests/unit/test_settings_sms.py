"""Settings of gateways for short messages, and of the breach service: what is wrong is said early."""

import pytest
from pydantic import ValidationError

from multiproduct.settings import Settings

TWILIO = {"sms_gateway": "twilio", "sms_account": "AC00", "sms_key": "t", "sms_sender": "+15005550006"}
JSON = {"sms_gateway": "json", "sms_url": "https://sms.example/send", "sms_key": "k"}


def wrong(**given):
    with pytest.raises(ValidationError) as refusal:
        Settings(**given)
    assert "hunter2" not in str(refusal.value)
    return {problem["loc"][0] for problem in refusal.value.errors()}


@pytest.mark.parametrize("given", [TWILIO, JSON, {**TWILIO, "sms_url": "http://127.0.0.1:8080"}])
def test_a_gateway_with_all_it_needs_is_taken(given):
    assert Settings(**given).sms_gateway == given["sms_gateway"]


@pytest.mark.parametrize("name", ["sms_account", "sms_key", "sms_sender"])
def test_what_twilio_needs_is_missed_by_name(name):
    assert wrong(**{**TWILIO, name: ""}) == {name}


@pytest.mark.parametrize("name", ["sms_url", "sms_key"])
def test_what_a_json_gateway_needs_is_missed_by_name(name):
    assert wrong(**{**JSON, name: ""}) == {name}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sms_gateway", "pigeons"),
        ("sms_url", "http://sms.example/send"),
        ("sms_url", "https://user:hunter2@sms.example/"),
        ("sms_url", "sms.example"),
        ("sms_header", "X Key"),
        ("sms_header", "X-Key:\r\n"),
        ("sms_sender", "a name that is too long"),
        ("sms_fields", "whom=x"),
        ("sms_fields", "to=a,text=a.b"),
        ("sms_countries", "DE,Germany"),
        ("sms_a_day", -1),
        ("breach_url", "http://api.example"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, value):
    assert wrong(**{**JSON, name: value}) == {name}


def test_countries_are_read_in_any_case():
    assert Settings(sms_countries="de, us,").texted_countries == {"DE", "US"}
    assert Settings().texted_countries == frozenset()


def test_the_key_stays_out_of_what_is_shown():
    assert "hunter2" not in repr(Settings(**{**JSON, "sms_key": "hunter2"}))
