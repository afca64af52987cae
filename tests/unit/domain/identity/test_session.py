"""Sessions: a chain of refresh tokens that any number of clients may hold, and that an old token ends."""

import pickle
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from multiproduct.adapters.contracts.builders import DAY, NOW, a_session, a_user_id
from multiproduct.domain.identity import (
    EndReason,
    Refreshed,
    Session,
    SessionEnded,
    SessionPolicy,
    SessionRefreshed,
    SignedIn,
)

MOMENT = timedelta(microseconds=1)
GRACE = timedelta(seconds=10)
POLICY = SessionPolicy(grace=GRACE)


class WholeHistory:
    """The oracle: when every token there ever was came to be superseded."""

    def __init__(self) -> None:
        self.superseded_at: list[datetime] = []

    def age(self, token: int, *, now: datetime) -> timedelta:
        return now - self.superseded_at[token]

    def expected(self, token: int, *, now: datetime) -> set[Refreshed]:
        newest = len(self.superseded_at)
        if token > newest:
            return {Refreshed.OVER}
        if token == newest:
            return {Refreshed.ROTATED}
        age = self.age(token, now=now)
        if age < GRACE:
            return {Refreshed.REPEATED}
        if age > 3 * GRACE:
            return {Refreshed.REUSED}
        return {Refreshed.REPEATED, Refreshed.REUSED}


# A session's life: how long nothing happens before each rotation. Waits gather around the grace's borders.
short = st.integers(0, 4_000)
near_borders = st.sampled_from([0, 1, 5_000, 9_999, 10_000, 10_001, 19_999, 20_000, 20_001, 29_999, 30_000])
waits = (short | near_borders | st.integers(0, 60_000)).map(lambda ms: timedelta(milliseconds=ms))
probes = st.sampled_from(
    [timedelta(), MOMENT, GRACE / 2, GRACE - MOMENT, GRACE, 2 * GRACE, 3 * GRACE + MOMENT]
)


def _judge_every_token(session: Session, history: WholeHistory, *, now: datetime) -> None:
    """Presents each token there ever was, and one that never was, to a copy of the session."""
    for token in range(session.counter + 2):
        twin = replace(session)
        outcome = twin.refresh(token, policy=POLICY, now=now)
        assert outcome in history.expected(token, now=now), f"token {token} of {session.counter}"
        assert (twin.end_reason is EndReason.TOKEN_REUSE) == (outcome is Refreshed.REUSED)
        assert twin.is_live(now=now) == (outcome is not Refreshed.REUSED)
        assert twin.counter == session.counter + (outcome is Refreshed.ROTATED)


def _live_by(life, probe: timedelta) -> None:
    session, history, now = a_session(user_id=a_user_id(), policy=POLICY), WholeHistory(), NOW
    for wait in life:
        now += wait
        _judge_every_token(session, history, now=now)
        assert session.refresh(session.counter, policy=POLICY, now=now) is Refreshed.ROTATED
        history.superseded_at.append(now)
        _judge_every_token(session, history, now=now)
    _judge_every_token(session, history, now=now + probe)


@given(st.lists(waits, min_size=1, max_size=25), probes)
@example([timedelta(seconds=9)] * 20, GRACE)
@example([timedelta(), timedelta(seconds=9), timedelta(seconds=1)], GRACE / 2)
@example([timedelta()] * 20, GRACE - MOMENT)
@example([timedelta(), timedelta(seconds=1), timedelta(seconds=100)], timedelta())
def test_a_token_is_a_retry_within_one_grace_and_never_after_three(life, probe):
    """Whatever order any number of clients come in: what decides is only when each token was superseded."""
    _live_by(life, probe)


@pytest.mark.proof
@given(st.lists(waits, min_size=30, max_size=120), probes)
@settings(max_examples=300)
def test_the_same_holds_for_long_lives(life, probe):
    _live_by(life, probe)


@given(st.lists(st.permutations(range(3)), max_size=40), st.lists(st.integers(0, 2_499), min_size=1))
def test_clients_that_come_back_in_time_are_never_signed_out(rounds, pauses):
    """Three tabs take turns in any order. Between two turns of one tab lie at most four pauses after the one
    in which another tab moved on, so its token was superseded less than one grace ago."""
    session, now = a_session(user_id=a_user_id(), policy=POLICY), NOW
    held = [0, 0, 0]
    for turn, tab in enumerate(tab for order in rounds for tab in order):
        now += timedelta(milliseconds=pauses[turn % len(pauses)])
        outcome = session.refresh(held[tab], policy=POLICY, now=now)
        assert outcome in {Refreshed.ROTATED, Refreshed.REPEATED}
        held[tab] = session.counter
    assert session.is_live(now=now)


@pytest.mark.parametrize("rotations", [1, 50, 2_000])
def test_the_state_stays_the_same_size_however_often_it_rotates(rotations):
    session, now = a_session(user_id=a_user_id(), policy=POLICY), NOW
    for _ in range(rotations):
        now += timedelta(milliseconds=1)
        assert session.refresh(session.counter, policy=POLICY, now=now) is Refreshed.ROTATED
        session.collect_events()
    assert len(pickle.dumps(session)) < 2_000
    assert session.counter == rotations


def test_the_newest_token_moves_on_and_a_retry_gets_the_same_successor():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    assert session.refresh(0, policy=POLICY, now=NOW) is Refreshed.ROTATED
    assert session.refresh(0, policy=POLICY, now=NOW + GRACE - MOMENT) is Refreshed.REPEATED
    assert session.counter == 1


def test_a_retry_neither_prolongs_the_session_nor_tells_anybody():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    session.refresh(0, policy=POLICY, now=NOW)
    session.collect_events()
    ends_at = session.idle_expires_at
    session.refresh(0, policy=POLICY, now=NOW + timedelta(seconds=5))
    assert session.idle_expires_at == ends_at
    assert session.collect_events() == []


def test_a_token_that_was_never_given_out_is_refused_and_harms_nobody():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    assert session.refresh(1, policy=POLICY, now=NOW) is Refreshed.OVER
    assert session.is_live(now=NOW)
    assert session.counter == 0


def test_a_grace_of_nothing_takes_no_token_twice():
    policy = SessionPolicy(grace=timedelta())
    session = a_session(user_id=a_user_id(), policy=policy)
    assert session.refresh(0, policy=policy, now=NOW) is Refreshed.ROTATED
    assert session.refresh(1, policy=policy, now=NOW) is Refreshed.ROTATED
    assert session.refresh(1, policy=policy, now=NOW) is Refreshed.REUSED


@given(st.lists(st.integers(-2_000, 8_000), min_size=1, max_size=40))
def test_a_clock_that_is_two_seconds_off_in_another_process_signs_nobody_out(offsets):
    """Two seconds of the grace are lost to it, and no more."""
    session, now = a_session(user_id=a_user_id(), policy=POLICY), NOW
    for milliseconds in offsets:
        now += timedelta(milliseconds=abs(milliseconds))
        seen = now + timedelta(milliseconds=min(milliseconds, 0))
        assert session.refresh(session.counter, policy=POLICY, now=seen) is Refreshed.ROTATED
        retried = session.refresh(session.counter - 1, policy=POLICY, now=now + timedelta(seconds=5))
        assert retried is Refreshed.REPEATED


def test_a_session_nobody_uses_ends_after_the_idle_lifetime():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    last = NOW + 30 * DAY
    assert session.is_live(now=last - MOMENT)
    assert not session.is_live(now=last)
    assert session.refresh(0, policy=POLICY, now=last) is Refreshed.OVER
    assert session.counter == 0


def test_use_prolongs_a_session_but_not_beyond_the_absolute_lifetime():
    session, now = a_session(user_id=a_user_id(), policy=POLICY), NOW
    while session.refresh(session.counter, policy=POLICY, now=now) is Refreshed.ROTATED:
        now += 10 * DAY
    assert now == NOW + 90 * DAY
    assert session.is_live(now=NOW + 90 * DAY - MOMENT)
    assert session.last_seen_at == NOW + 80 * DAY


def test_an_old_token_of_an_expired_session_is_no_reuse():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    session.refresh(0, policy=POLICY, now=NOW)
    assert session.refresh(0, policy=POLICY, now=NOW + 31 * DAY) is Refreshed.OVER
    assert session.ended_at is None


def test_ending_a_session_twice_changes_nothing():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    session.collect_events()
    session.end(EndReason.SIGNED_OUT, now=NOW)
    session.end(EndReason.REVOKED, now=NOW + DAY)
    assert (session.ended_at, session.end_reason) == (NOW, EndReason.SIGNED_OUT)
    assert session.collect_events() == [
        SessionEnded(occurred_at=NOW, session_id=session.id, user_id=session.user_id, reason="signed_out")
    ]
    assert session.refresh(0, policy=POLICY, now=NOW) is Refreshed.OVER


def test_what_happens_to_a_session_is_of_record():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    session.refresh(0, policy=POLICY, now=NOW)
    session.refresh(1, policy=POLICY, now=NOW + GRACE)
    session.refresh(0, policy=POLICY, now=NOW + 4 * GRACE)
    events = session.collect_events()
    assert [type(event) for event in events] == [SignedIn, SessionRefreshed, SessionRefreshed, SessionEnded]
    assert events[2].counter == 2
    assert events[3].reason == "token_reuse"


def test_a_session_begins_where_somebody_proved_who_they_are():
    session = a_session(user_id=a_user_id(), policy=POLICY)
    assert isinstance(session, Session)
    assert session.authenticated_at == session.created_at == session.last_seen_at == NOW
    assert (session.ip, session.user_agent, session.methods) == ("192.0.2.1", "a browser", ("pwd",))
