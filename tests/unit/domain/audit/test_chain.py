"""The chain agrees with its description, and every field of every entry counts."""

from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.oracles import audit_chain as oracle
from tests.unit.domain.audit.sealed_log import NOW, SECRET, an_entry, entries, logs, sealed

from multiproduct.adapters.sql.tables import audit_entries
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import (
    GENESIS,
    ChainHead,
    Mark,
    canonical_form,
    personal_digest,
    read_mark,
    sealed_form,
)
from multiproduct.domain.audit.canonical_form import LASTING, PERSONAL

SALT = b"0123456789abcdef"
SEALS = {"sequence", "sealed_hash", "seal_version", "salt", "personal_digest"}


def form_of(entry: AuditEntry, salt: bytes = SALT) -> bytes:
    return canonical_form(entry, personal_digest(entry, salt))


@given(logs)
def test_hashes_are_those_of_the_description(log) -> None:
    rows = sealed(log).rows
    assert [row.seal.hash for row in rows] == oracle.hashes(
        (asdict(row.entry), row.seal.salt) for row in rows
    )
    assert [row.seal.sequence for row in rows] == list(range(1, len(rows) + 1))


@given(entries)
def test_an_entry_keeps_its_form_when_it_is_copied_and_its_documents_are_in_another_order(entry) -> None:
    turned = replace(entry, changes=dict(reversed(entry.changes.items())))
    assert form_of(turned) == form_of(entry)


@given(entries, entries)
def test_no_two_entries_have_one_form(one, other) -> None:
    assume(one != other)
    assert form_of(one) != form_of(other)


@given(entries, st.sampled_from([*LASTING, *PERSONAL]), entries)
def test_whichever_field_differs_so_does_the_form(entry, name, other) -> None:
    assume(getattr(entry, name) != getattr(other, name))
    assert form_of(replace(entry, **{name: getattr(other, name)})) != form_of(entry)


def test_every_field_of_an_entry_and_every_column_of_its_table_is_covered() -> None:
    covered = {*LASTING, *PERSONAL}
    assert covered == {field.name for field in fields(AuditEntry)}
    assert covered == {column.name for column in audit_entries.columns} - SEALS


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    one = an_entry(event="ab", action="c", user_id="", actor_id=None)
    assert form_of(one) != form_of(replace(one, event="a", action="bc"))
    assert form_of(one) != form_of(replace(one, user_id=None, actor_id=""))


def test_a_moment_without_a_time_zone_has_no_form() -> None:
    with pytest.raises(ValueError, match="time zone"):
        form_of(an_entry(occurred_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is what is refused


def test_what_tells_of_a_person_can_be_erased_and_the_form_stays() -> None:
    entry = an_entry()
    kept = personal_digest(entry, SALT)
    erased = replace(entry, ip=None, user_agent=None, request_id=None, changes={}, metadata={})
    assert sealed_form(erased, version=1, salt=None, erased=kept) == form_of(entry)


@pytest.mark.parametrize(
    "stored",
    [
        {"version": None, "salt": SALT, "erased": None},
        {"version": 2, "salt": SALT, "erased": None},
        {"version": 1, "salt": None, "erased": None},
        {"version": 1, "salt": SALT, "erased": b"x" * 32},
        {"version": 1, "salt": None, "erased": b"x" * 32},
    ],
)
def test_a_seal_that_was_never_made_has_no_form(stored) -> None:
    assert sealed_form(an_entry(), **stored) is None


def test_a_value_of_a_kind_that_is_never_written_has_no_form() -> None:
    assert sealed_form(an_entry(ip=b"bytes"), version=1, salt=SALT, erased=None) is None
    assert sealed_form(an_entry(metadata={"x": float("nan")}), version=1, salt=SALT, erased=None) is None


@given(st.integers(0, 2**53), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_head_is_signed_as_described(sequence, end, secret) -> None:
    head = ChainHead.sign(Mark(sequence, end), key_id="k1", secret=secret, now=NOW)
    assert head.mac == oracle.mac(secret, sequence=sequence, hash=end, sealed_at=NOW, key_id="k1")
    assert head.is_signed_with(secret)


@pytest.mark.parametrize(
    "changed",
    [
        {"mark": Mark(4, b"h" * 32)},
        {"mark": Mark(3, b"i" * 32)},
        {"sealed_at": NOW + timedelta(microseconds=1)},
        {"key_id": "k2"},
        {"mac": b"m" * 32},
    ],
)
def test_a_head_that_was_changed_is_not_signed(changed) -> None:
    head = ChainHead.sign(Mark(3, b"h" * 32), key_id="k1", secret=SECRET, now=NOW)
    assert not replace(head, **changed).is_signed_with(SECRET)
    assert not head.is_signed_with(b"t" * 32)


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_a_mark_is_read_as_it_was_written(sequence, end) -> None:
    assert read_mark(f" {Mark(sequence, end)}\n".upper()) == Mark(sequence, end)


@pytest.mark.parametrize(
    "text", ["", "7", "7:", ":" + "0" * 64, "-1:" + "0" * 64, "7:" + "0" * 63, "7:" + "g" * 64]
)
def test_what_is_no_mark_is_refused(text) -> None:
    with pytest.raises(ValueError, match="head"):
        read_mark(text)


def test_the_chain_begins_at_a_hash_that_is_written_down() -> None:
    assert Mark() == Mark(0, GENESIS)
    assert len(GENESIS) == 32
