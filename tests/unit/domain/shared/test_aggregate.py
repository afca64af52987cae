"""Aggregates hand over what happened to them, once and in order."""

from multiproduct.adapters.contracts.builders import NOW, a_session, a_user_id
from multiproduct.domain.identity import EndReason, SessionEnded, SignedIn


def test_what_happened_is_handed_over_once_and_oldest_first():
    session = a_session(user_id=a_user_id())
    session.end(EndReason.REVOKED, now=NOW)
    assert [type(event) for event in session.collect_events()] == [SignedIn, SessionEnded]
    assert session.collect_events() == []


def test_events_not_yet_handed_over_do_not_make_two_aggregates_differ():
    user_id = a_user_id()
    one = a_session(user_id=user_id)
    other = a_session(user_id=user_id)
    other.id = one.id
    other.collect_events()
    assert one == other
    assert "_happened" not in repr(one)
