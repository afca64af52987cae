"""Who has to prove again who they are."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.domain.shared import StepUpRequired, Unauthenticated

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def _proved(at: datetime | None) -> Caller:
    return Caller(principal=Principal(user_id=UUID(int=1), authenticated_at=at))


def test_a_proof_is_recent_for_less_than_five_minutes() -> None:
    _proved(NOON).require_recent(NOON)
    _proved(NOON).require_recent(NOON + FIVE_MINUTES - timedelta(microseconds=1))
    with pytest.raises(StepUpRequired):
        _proved(NOON).require_recent(NOON + FIVE_MINUTES)


def test_another_span_can_be_asked_for() -> None:
    _proved(NOON).require_recent(NOON + FIVE_MINUTES, within=2 * FIVE_MINUTES)
    with pytest.raises(StepUpRequired):
        _proved(NOON).require_recent(NOON + timedelta(minutes=1), within=timedelta(minutes=1))


def test_a_proof_that_nobody_knows_of_is_none() -> None:
    with pytest.raises(StepUpRequired):
        _proved(None).require_recent(NOON)


def test_nobody_is_asked_to_sign_in_and_the_system_to_do_nothing() -> None:
    with pytest.raises(Unauthenticated):
        ANYBODY.require_recent(NOON)
    SYSTEM.require_recent(NOON)
