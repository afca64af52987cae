"""Challenges: live for a while, answered at most five times, right only once."""

from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, a_challenge
from multiproduct.domain.otp import (
    ChallengeAnswered,
    ChallengeIssued,
    ChallengeVoided,
    OtpPolicy,
    WrongCodeGiven,
)

MOMENT = timedelta(microseconds=1)


def test_a_code_is_owed_from_the_start():
    challenge = a_challenge()
    (issued,) = challenge.collect_events()
    assert issued == ChallengeIssued(
        occurred_at=NOW, challenge_id=challenge.id, purpose="login", channel="email", generation=1
    )
    assert challenge.is_live(now=NOW)


@pytest.mark.parametrize("lifetime", [MINUTE, 10 * MINUTE])
def test_the_lifetime_is_half_open(lifetime):
    challenge = a_challenge(policy=OtpPolicy(lifetime=lifetime))
    assert challenge.is_live(now=NOW + lifetime - MOMENT)
    assert not challenge.is_live(now=NOW + lifetime)
    assert not challenge.is_live(now=NOW + lifetime + DAY)


def test_the_fifth_wrong_answer_is_the_last_one():
    challenge = a_challenge()
    challenge.collect_events()
    outcomes = []
    for attempt in range(1, 6):
        assert challenge.is_live(now=NOW)
        challenge.attempts = attempt  # counted by the store, in one conditional statement
        outcomes.append(challenge.answered_wrong(now=NOW + MINUTE))
    assert outcomes == [False, False, False, False, True]
    assert challenge.voided_at == NOW + MINUTE
    assert not challenge.is_live(now=NOW + MINUTE)
    events = challenge.collect_events()
    assert [event.attempt for event in events if isinstance(event, WrongCodeGiven)] == [1, 2, 3, 4, 5]
    assert [type(event) for event in events].count(ChallengeVoided) == 1
    assert isinstance(events[-1], ChallengeVoided)


def test_a_challenge_without_attempts_left_is_over_before_anybody_voids_it():
    challenge = a_challenge()
    challenge.attempts = challenge.max_attempts
    assert not challenge.is_live(now=NOW)


def test_the_right_answer_uses_it_up():
    challenge = a_challenge()
    challenge.collect_events()
    challenge.answered_right(now=NOW + MINUTE)
    assert not challenge.is_live(now=NOW + MINUTE)
    assert challenge.collect_events() == [
        ChallengeAnswered(occurred_at=NOW + MINUTE, challenge_id=challenge.id, purpose="login")
    ]


def test_a_newer_code_leaves_the_end_and_the_attempts_as_they_were():
    challenge = a_challenge()
    challenge.collect_events()
    challenge.attempts = 3
    ends_at = challenge.expires_at
    challenge.renewed()
    challenge.owed_again(muted=True, now=NOW + 9 * MINUTE)
    assert (challenge.generation, challenge.expires_at, challenge.attempts) == (2, ends_at, 3)
    (issued,) = challenge.collect_events()
    assert isinstance(issued, ChallengeIssued)
    assert (issued.generation, issued.muted) == (2, True)
    assert not challenge.is_live(now=NOW + HOUR)


def test_wrong_codes_do_not_spoil_the_link_but_use_and_time_do():
    challenge = a_challenge()
    challenge.attempts = challenge.max_attempts
    challenge.answered_wrong(now=NOW)
    assert challenge.takes_link(now=challenge.expires_at - MOMENT)
    assert not challenge.takes_link(now=challenge.expires_at)
    challenge.answered_right(now=NOW)
    assert not challenge.takes_link(now=NOW)
