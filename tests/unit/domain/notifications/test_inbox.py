"""Entries of inboxes, counters, and positions in the stream of changes."""

from dataclasses import replace

import pytest

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.domain.notifications.inbox import (
    MAX_BODY,
    MAX_TITLE,
    InboxCounter,
    InboxEntry,
    InboxPosition,
    NewInboxEntry,
)

NEW = NewInboxEntry(
    user_id=a_uuid(),
    event_position=1,
    type_key="billing.invoice_paid",
    category="billing",
    title="Paid",
    body="Thank you.",
    locale="en",
    created_at=NOW,
)


def test_texts_are_cut_at_their_limits_with_an_ellipsis() -> None:
    long = replace(NEW, title="t" * (MAX_TITLE + 1), body="b" * (MAX_BODY + 1))
    entry = InboxEntry.of(long, id=a_uuid(), sequence=1)
    assert (len(entry.title), entry.title[-2:]) == (MAX_TITLE, "t…")
    assert (len(entry.body), entry.body[-2:]) == (MAX_BODY, "b…")
    just = InboxEntry.of(replace(NEW, title="t" * MAX_TITLE), id=a_uuid(), sequence=1)
    assert just.title == "t" * MAX_TITLE


def test_data_of_too_many_or_too_long_members_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 50"):
        replace(NEW, data={str(n): n for n in range(51)})
    with pytest.raises(ValueError, match="at most 500 characters"):
        replace(NEW, data={"a": "x" * 501})


def test_a_counter_moves_its_version_with_every_change_and_never_below_none() -> None:
    counter = InboxCounter(user_id=NEW.user_id, unread=1, version=7)
    assert counter.moved(unread_by=-1) == InboxCounter(user_id=NEW.user_id, unread=0, version=8)
    assert counter.moved(unread_by=1).before_put() == counter
    with pytest.raises(ValueError, match="fewer than no entries"):
        counter.moved(unread_by=-2)


@pytest.mark.parametrize(("text", "place"), [("0", (0, 0)), ("17", (17, 17)), ("17.3", (17, 3))])
def test_a_position_is_written_as_it_is_read(text: str, place: tuple[int, int]) -> None:
    position = InboxPosition.parse(text)
    assert (position.changed, position.sequence) == place
    assert str(position) == text


@pytest.mark.parametrize("text", ["", "-1", "1.2.3", "a", "1.b", "٣", "1" * 19, " 1", "+1"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a position"):
        InboxPosition.parse(text)


def test_positions_follow_the_changes() -> None:
    entry = InboxEntry.of(NEW, id=a_uuid(), sequence=3)
    read_later = replace(entry, read_at=NOW, changed=9)
    in_order = [
        InboxPosition.after(2),
        InboxPosition.of(entry),
        InboxPosition.after(8),
        InboxPosition.of(read_later),
        InboxPosition.of(replace(read_later, sequence=4)),
        InboxPosition.after(9),
    ]
    assert sorted(in_order) == in_order
    assert len(set(in_order)) == len(in_order)
