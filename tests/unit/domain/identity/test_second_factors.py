"""The rules of authenticator apps, recovery codes, waiting sign-ins and methods."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from multiproduct.domain.identity import (
    PendingSignIn,
    TotpFactor,
    are_two_factors,
    is_possession_alone,
    is_weak_alone,
    joined,
    with_second_proof,
)
from multiproduct.domain.identity.recovery_codes import CODE_BYTES, digest, read, written

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
ID, OWNER = UUID(int=1), UUID(int=2)
QUARTER = timedelta(minutes=15)


def _factor() -> TotpFactor:
    return TotpFactor(id=ID, user_id=OWNER, name="Phone", sealed_secret=b"sealed", created_at=NOON)


def _names(factor: TotpFactor) -> list[str]:
    return [event.NAME for event in factor.collect_events()]


def test_the_tenth_wrong_code_in_a_row_locks_the_factor_for_a_quarter_of_an_hour() -> None:
    factor = _factor()
    for _ in range(9):
        factor.answered_wrong(now=NOON)
        assert not factor.is_locked(now=NOON)
    assert _names(factor) == []
    factor.answered_wrong(now=NOON)
    assert factor.is_locked(now=NOON + QUARTER - timedelta(microseconds=1))
    assert not factor.is_locked(now=NOON + QUARTER)
    assert _names(factor) == ["identity.totp_locked"]


def test_after_a_lock_ten_more_wrong_codes_lock_it_again() -> None:
    factor = _factor()
    for _ in range(10):
        factor.answered_wrong(now=NOON)
    later = NOON + QUARTER
    for _ in range(9):
        factor.answered_wrong(now=later)
    assert not factor.is_locked(now=later)
    factor.answered_wrong(now=later)
    assert factor.is_locked(now=later)


def test_a_right_code_makes_the_count_begin_anew() -> None:
    factor = _factor()
    for _ in range(9):
        factor.answered_wrong(now=NOON)
    factor.answered_right()
    factor.answered_wrong(now=NOON)
    assert (factor.failures, factor.locked_until) == (1, None)


def test_a_confirmed_factor_takes_no_confirmation_and_an_old_one_neither() -> None:
    factor = _factor()
    assert factor.takes_confirmation(now=NOON + QUARTER - timedelta(microseconds=1))
    assert not factor.takes_confirmation(now=NOON + QUARTER)
    factor.confirmed(now=NOON)
    assert not factor.takes_confirmation(now=NOON)
    assert _names(factor) == ["identity.totp_confirmed"]


def test_a_factor_does_not_show_its_secret() -> None:
    assert "sealed" not in repr(_factor()).replace("sealed_secret", "")


@pytest.mark.parametrize("code", [bytes(CODE_BYTES), b"\xff" * CODE_BYTES, bytes(range(1, 16))])
def test_a_recovery_code_is_read_as_it_was_written(code: bytes) -> None:
    text = written(code)
    assert len(text) == 29
    assert read(text) == code
    assert read(text.lower().replace("-", "")) == code
    assert read(f" {text.replace('-', ' - ')} ") == code


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    assert read("OOOO-iiii-LLLL-0000-1111-llll") == read("0000-1111-1111-0000-1111-1111")


@pytest.mark.parametrize(
    "text", ["", "0", "0" * 23, "0" * 25, "U" * 24, "é" * 24, "0" * 23 + "!", "٠" * 24, "0" * 10_000]
)
def test_what_can_be_no_recovery_code_is_not_read(text: str) -> None:
    assert read(text) is None


def test_only_fifteen_bytes_are_a_recovery_code() -> None:
    with pytest.raises(ValueError, match="15 bytes"):
        written(b"short")


def test_digests_of_different_codes_differ() -> None:
    assert digest(bytes(15)) != digest(bytes(14) + b"\x01")
    assert len(digest(bytes(15))) == 32


def test_a_sign_in_waits_for_five_minutes_and_five_attempts() -> None:
    pending = PendingSignIn.begin(
        id=ID, user_id=OWNER, key_id="cafebabe", methods=("pwd",), credential_mark="m", now=NOON
    )
    end = NOON + timedelta(minutes=5)
    assert pending.is_live(now=end - timedelta(microseconds=1))
    assert not pending.is_live(now=end)
    pending.attempts = 5
    assert not pending.is_live(now=NOON)
    pending.attempts, pending.completed_at = 0, NOON
    assert not pending.is_live(now=NOON)
    assert [event.NAME for event in pending.collect_events()] == ["identity.second_factor_asked"]


@pytest.mark.parametrize("methods", [("otp", "mfa"), ("mfa",)])
def test_methods_are_two_factors_where_they_say_so(methods: tuple[str, ...]) -> None:
    assert are_two_factors(methods)


@pytest.mark.parametrize(
    "methods",
    [(), ("pwd",), ("pwd", "otp"), ("pwd", "mail"), ("pwd", "sms"), ("fed", "pwd"), ("swk", "user")],
)
def test_methods_that_only_stand_side_by_side_are_no_two_factors(methods: tuple[str, ...]) -> None:
    assert not are_two_factors(methods)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("pwd",), ("otp",)),
        (("fed",), ("otp",)),
        (("pwd",), ("hwk", "user")),
        (("mail", "pwd"), ("otp",)),
        (("swk",), ("fpt",)),
        (("mail",), ("swk", "user", "mfa")),
    ],
)
def test_a_second_proof_of_another_kind_makes_two_factors(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    assert are_two_factors(with_second_proof(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [(("mail",), ("otp",)), (("sms",), ("otp",)), (("hwk",), ("swk", "user")), (("otp",), ("otp",))],
)
def test_a_second_proof_of_the_same_kind_makes_no_two_factors(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    assert with_second_proof(first, second) == joined(first, second)


@pytest.mark.parametrize(
    "methods", [("sms",), ("mail",), ("hwk",), ("swk",), ("mail", "sms"), ("otp",), ("otp", "sms")]
)
def test_codes_and_the_keys_of_devices_are_weak_alone(methods: tuple[str, ...]) -> None:
    assert is_weak_alone(methods)


@pytest.mark.parametrize(
    "methods",
    [(), ("pwd",), ("fed",), ("sms", "pwd"), ("sms", "otp"), ("mail", "hwk", "user"), ("hwk", "mfa")],
)
def test_with_anything_stronger_they_are_not(methods: tuple[str, ...]) -> None:
    assert not is_weak_alone(methods)


def test_only_a_key_is_possession_alone() -> None:
    assert is_possession_alone(("hwk",))
    assert not any(is_possession_alone(each) for each in ((), ("sms",), ("hwk", "user"), ("swk", "otp")))


def test_methods_are_joined_in_order_and_each_once() -> None:
    assert joined(("pwd",), ("otp",), ("mfa", "pwd")) == ("pwd", "otp", "mfa")
