"""Events: facts with public names, in which no secret and no address has a place."""

import dataclasses

import pytest

from multiproduct.adapters.contracts.builders import NOW, a_user_id, a_uuid
from multiproduct.bootstrap.catalogues import EVENTS
from multiproduct.domain.identity import RegistrationStarted, SignedIn, SignInRefused, UserUpdated
from multiproduct.domain.shared import Action, Event

_TELLING = {
    *("password", "hash", "secret", "code", "otp", "token", "link", "pepper", "mac", "proof", "cookie"),
    *("email", "phone", "address", "ip", "agent", "recipient", "subject", "subjects", "body", "text"),
}
_HARMLESS = {
    # A pseudonym, made by a keyed digest: it tells nothing about what was typed.
    "identity": {"subject_key"},
    "otp": {"subject_key"},
    # The code of an account, a product, a plan; the reason a gateway gives; what a line is for, by its id.
    "ledger": {"code"},
    "catalog": {"code", "subject_id"},
    "payments": {"code"},
    "billing": {"subjects"},
}


def _concrete(root: type[Event]) -> set[type[Event]]:
    below = {event for each in root.__subclasses__() for event in _concrete(each)}
    return below | {each for each in root.__subclasses__() if "NAME" in vars(each)}


def test_every_event_of_the_contexts_is_declared():
    declared = {each for each in _concrete(Event) if each.__module__.startswith("multiproduct.domain.")}
    # A dataclass with slots is made twice, and the first make stays known to its base for a while.
    assert {each.NAME for each in declared} == {each.NAME for each in EVENTS}


def test_every_event_has_a_name_of_its_own_in_its_context():
    names = [event.NAME for event in EVENTS]
    assert len(set(names)) == len(names)
    for event in EVENTS:
        context, _, fact = event.NAME.partition(".")
        assert event.__module__.startswith(f"multiproduct.domain.{context}.")
        assert event.__module__.endswith("events")
        assert fact.isidentifier()
        assert isinstance(event.ACTION, Action)
        assert event.RESOURCE.isidentifier()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.NAME)
def test_no_event_has_a_field_for_a_secret_or_an_address(event):
    words = {
        word
        for field in dataclasses.fields(event)
        if field.name not in _HARMLESS.get(event.NAME.partition(".")[0], ())
        for word in field.name.split("_")
    }
    assert not words & _TELLING


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.NAME)
def test_no_event_can_be_changed(event):
    assert event.__dataclass_params__.frozen


def test_an_event_says_what_and_whom_it_is_about():
    user_id, session_id, registration_id = a_user_id(), a_uuid(), a_uuid()
    signed_in = SignedIn(occurred_at=NOW, session_id=session_id, user_id=user_id, methods=("pwd",))
    assert (signed_in.resource_id, signed_in.subject_user_id) == (str(session_id), str(user_id))
    started = RegistrationStarted(occurred_at=NOW, registration_id=registration_id)
    assert (started.resource_id, started.subject_user_id) == (str(registration_id), None)
    refused = SignInRefused(occurred_at=NOW, subject_key="abc", user_id=None, method="password")
    assert (refused.resource_id, refused.subject_user_id) == ("abc", None)


def test_only_an_update_tells_of_changes():
    changes = {"first_name": ("Ada", "Grace")}
    assert UserUpdated(occurred_at=NOW, user_id=a_user_id(), fields=changes).changes == changes
    assert RegistrationStarted(occurred_at=NOW, registration_id=a_uuid()).changes == {}
