"""Keys of translations, and leaving alone who fails."""

import itertools

import pytest

from multiproduct.domain.translation import Breaker, TextPlace, Wording, fragment_key, witness
from multiproduct.domain.translation.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE

PARTS = {
    "translator": "libre:1",
    "source_language": "en",
    "target_language": "es",
    "glossary": "0",
    "format": "opaque-tags/1",
    "tenant": "https://stark.example",
}


def key(*, field: str = "catalog.plan.name", text: str = "Gold", **parts: str) -> str:
    return fragment_key(Wording(**{**PARTS, **parts}).prefix(), field, text)


def test_everything_that_decides_a_wording_is_in_its_key():
    others = [key(**{name: "other"}) for name in PARTS]
    keys = [key(), *others, key(field="catalog.product.name"), key(text="gold")]
    assert len(set(keys)) == len(keys)
    assert all(len(each) == 32 for each in keys)


def test_what_is_the_same_in_unicode_has_one_key():
    assert key(text="Caf\u00e9") == key(text="Cafe\u0301")
    assert witness("Caf\u00e9") == witness("Cafe\u0301")


def test_parts_never_run_into_one_another():
    for name in PARTS:
        with pytest.raises(ValueError, match="separator"):
            key(**{name: "a\x1fb"})
    assert key(tenant="a", field="b.c.d") != key(tenant="ab", field=".c.d")


def test_a_witness_tells_texts_apart():
    assert witness("Gold") == (4, witness("Gold")[1])
    assert len({witness(each) for each in ("Gold", "Golf", "gold", "Golde", "")}) == 5


def test_any_text_has_a_key_also_one_that_is_no_unicode():
    assert key(text="\ud800") != key(text="?")
    assert witness("\ud800")


def test_a_place_is_told_by_everything_about_it():
    place = TextPlace(field="a.b.c", source_language="en", target_language="es", source_text="Caf\u00e9")
    same = TextPlace(field="a.b.c", source_language="en", target_language="es", source_text="Cafe\u0301")
    assert place.fingerprint == same.fingerprint
    others = [
        TextPlace(field="a.b.d", source_language="en", target_language="es", source_text="Café"),
        TextPlace(field="a.b.c", source_language="fa", target_language="es", source_text="Café"),
        TextPlace(field="a.b.c", source_language="en", target_language="fa", source_text="Café"),
        TextPlace(field="a.b.c", source_language="en", target_language="es", source_text="Cafe"),
    ]
    assert len({place.fingerprint, *(each.fingerprint for each in others)}) == 5


def fail(breaker: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        assert breaker.begin(now)
        breaker.failed(now)


def test_who_fails_several_times_in_a_row_is_left_alone():
    breaker = Breaker()
    fail(breaker, 0.0, FAILURES - 1)
    assert breaker.may_call(0.0)
    fail(breaker, 0.0)
    assert not breaker.begin(FIRST_PAUSE - 0.001)
    assert breaker.may_call(FIRST_PAUSE)


def test_a_success_forgives_everything():
    breaker = Breaker()
    for _ in range(3):
        fail(breaker, 0.0, FAILURES - 1)
        assert breaker.begin(0.0)
        breaker.succeeded()
    assert breaker.may_call(0.0)


def test_after_the_pause_one_call_decides():
    breaker = Breaker()
    fail(breaker, 0.0, FAILURES)
    assert breaker.begin(FIRST_PAUSE)
    assert not breaker.begin(FIRST_PAUSE)
    breaker.succeeded()
    assert breaker.begin(FIRST_PAUSE)
    assert breaker.begin(FIRST_PAUSE)


def test_pauses_double_up_to_the_longest():
    breaker, now = Breaker(), 0.0
    fail(breaker, now, FAILURES)
    pauses = [FIRST_PAUSE]
    for _ in range(8):
        now += pauses[-1]
        fail(breaker, now)
        pauses.append(next(each for each in itertools.count(1) if breaker.may_call(now + each)))
    assert pauses == [30.0, 60, 120, 240, 480, 600, 600, 600, 600]
    assert max(pauses) == LONGEST_PAUSE


def test_a_call_that_was_ended_by_ourselves_says_nothing():
    breaker = Breaker()
    fail(breaker, 0.0, FAILURES)
    assert breaker.begin(FIRST_PAUSE)
    breaker.gave_up()
    assert breaker.begin(FIRST_PAUSE)
