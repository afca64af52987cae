"""Events go to JSON and come back the same."""

import json
from dataclasses import dataclass
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.application.events import EventCatalogue
from multiproduct.domain.identity import EVENTS as IDENTITY_EVENTS
from multiproduct.domain.identity import UserUpdated
from multiproduct.domain.otp import EVENTS as OTP_EVENTS
from multiproduct.domain.shared import Action, Event

EVENTS = (*OTP_EVENTS, *IDENTITY_EVENTS)
CATALOGUE = EventCatalogue(EVENTS)


def made(event: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of the type; business time is in UTC."""
    return st.builds(event, occurred_at=st.datetimes(timezones=st.just(UTC)))


@pytest.mark.parametrize("event_type", EVENTS, ids=lambda event: event.NAME)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(event_type, data):
    event = data.draw(made(event_type))
    fields = json.loads(json.dumps(CATALOGUE.to_json(event)))
    back = CATALOGUE.from_json(event.NAME, fields)
    assert back == event
    assert type(back) is event_type
    assert back.changes == event.changes
    assert (back.resource_id, back.subject_user_id) == (event.resource_id, event.subject_user_id)


def test_a_field_that_a_later_release_added_may_be_missing_where_it_has_a_default():
    event = UserUpdated(occurred_at=NOW, user_id=a_uuid(), fields={"locale": ("en", "fa")})
    fields = CATALOGUE.to_json(event)
    del fields["fields"]
    assert CATALOGUE.from_json(event.NAME, fields) == UserUpdated(occurred_at=NOW, user_id=event.user_id)


def test_an_event_that_is_not_in_the_catalogue_is_not_read():
    with pytest.raises(KeyError):
        CATALOGUE.from_json("identity.user_abducted", {})


def test_fields_that_are_not_the_events_are_refused():
    with pytest.raises(ValueError, match="user_id"):
        CATALOGUE.from_json("identity.user_updated", {"occurred_at": NOW.isoformat(), "user_id": "tony"})


def test_two_events_of_one_name_cannot_be_told_apart():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Twin(Event):
        NAME = UserUpdated.NAME
        ACTION = Action.UPDATE
        RESOURCE = "user"

    with pytest.raises(ValueError, match="two events"):
        EventCatalogue([UserUpdated, Twin])
