"""Whatever is done to a sealed log is found, wherever it is done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.domain.audit.sealed_log import NOW, Log, Row, an_entry, entries, logs, sealed

from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import (
    ERASURE,
    MAX_FINDINGS,
    ChainCheck,
    ChainHead,
    FindingKind,
    HeadStanding,
    Mark,
    personal_digest,
)
from multiproduct.domain.audit.canonical_form import LASTING, PERSONAL
from multiproduct.domain.identity import UserErased

places = st.integers(0, 10_000)


def kinds(check: ChainCheck) -> set[FindingKind]:
    return {finding.kind for finding in check.findings}


def ten() -> Log:
    return sealed([an_entry(number) for number in range(1, 11)])


@given(logs)
def test_a_log_that_nobody_touched_is_whole(log) -> None:
    untouched = sealed(log)
    check = untouched.check(since=untouched.head.mark)
    assert (check.is_whole, check.findings, check.entries) == (True, [], len(log))


def test_a_log_before_its_first_seal_is_whole() -> None:
    assert Log([], None).check().is_whole
    assert Log([], None).check(since=Mark()).is_whole


@given(logs, places, st.sampled_from([*LASTING, *PERSONAL]), entries)
def test_an_edited_field_is_found_where_it_is(log, place, name, other) -> None:
    touched, at = sealed(log), place % len(log)
    assume(getattr(log[at], name) != getattr(other, name))
    touched.rows[at] = touched.rows[at].edited(**{name: getattr(other, name)})
    (finding,) = touched.check().findings
    assert (finding.kind, finding.sequence) == (FindingKind.EDITED, at + 1)
    assert finding.id == str(touched.rows[at].entry.id)


@given(logs, places, st.sampled_from(["hash", "salt", "version"]))
def test_an_edited_seal_is_found_at_its_entry_or_at_the_next(log, place, name) -> None:
    touched, at = sealed(log), place % len(log)
    other = {"hash": b"x" * 32, "salt": b"x" * 16, "version": 2}[name]
    touched.rows[at] = touched.rows[at].sealed_as(**{name: other})
    found = touched.check().findings
    assert found[0].sequence == at + 1
    assert {finding.sequence for finding in found} <= {at + 1, at + 2}


@given(logs, places, entries)
def test_an_edited_entry_with_a_hash_that_fits_is_found_at_what_follows(log, place, other) -> None:
    assume(other.id not in {entry.id for entry in log})
    touched, at = sealed(log), place % len(log)
    rewritten = sealed([*log[:at], other])
    touched.rows[at] = rewritten.rows[at]
    found = touched.check()
    expected = FindingKind.HEAD_DIFFERS if at == len(log) - 1 else FindingKind.EDITED
    assert kinds(found) == {expected}
    assert found.findings[0].sequence == min(at + 2, len(log))


@given(logs, places, entries)
def test_a_chain_that_was_written_anew_without_the_secret_is_found(log, place, other) -> None:
    assume(other.id not in {entry.id for entry in log})
    at = place % len(log)
    before = sealed(log).head.mark
    forged = sealed([*log[:at], other, *log[at + 1 :]], secret=b"a secret of their own, 32 bytes!")
    assert kinds(forged.check()) == {FindingKind.HEAD_FORGED}
    # Even with the secret it contradicts what was kept elsewhere.
    signed = sealed([*log[:at], other, *log[at + 1 :]])
    assert kinds(signed.check(since=before)) == {FindingKind.MARK_CONTRADICTED}


@given(logs, places)
def test_a_deleted_entry_leaves_a_gap(log, place) -> None:
    touched, at = sealed(log), place % len(log)
    del touched.rows[at]
    (finding,) = touched.check().findings
    kind = FindingKind.TRUNCATED if at == len(log) - 1 else FindingKind.DELETED
    assert (finding.kind, finding.sequence, finding.until) == (kind, at + 1, at + 1)


@given(logs, places)
def test_a_deleted_entry_is_found_also_when_the_others_close_up(log, place) -> None:
    assume(len(log) > 1)
    touched, at = sealed(log), place % len(log)
    del touched.rows[at]
    touched.rows[at:] = [row.sealed_as(sequence=row.seal.sequence - 1) for row in touched.rows[at:]]
    assert FindingKind.TRUNCATED in kinds(touched.check())


@given(logs, st.integers(1, 5))
def test_a_truncated_log_is_found(log, cut) -> None:
    touched = sealed(log)
    cut = min(cut, len(log))
    del touched.rows[len(log) - cut :]
    (finding,) = touched.check().findings
    assert finding.kind is FindingKind.TRUNCATED
    assert (finding.sequence, finding.until) == (len(log) - cut + 1, len(log))


@given(logs)
def test_a_log_cut_back_to_an_older_genuine_head_is_found_by_a_head_kept_elsewhere(log) -> None:
    kept = sealed(log).head.mark
    older = sealed(log[:-1])
    assert older.check().is_whole
    assert kinds(older.check(since=kept)) == {FindingKind.MARK_CONTRADICTED}


@given(logs, places, entries)
def test_an_inserted_entry_is_found_whatever_number_it_has(log, place, other) -> None:
    assume(other.id not in {entry.id for entry in log})
    touched = sealed(log)
    number = place % (len(log) + 1)
    spare = sealed([*log, other]).rows[-1]
    touched.rows.append(spare.sealed_as(sequence=number))
    found = touched.check()
    assert FindingKind.INSERTED in kinds(found)
    assert str(other.id) in {finding.id for finding in found.findings if finding.kind is FindingKind.INSERTED}


@given(logs, entries)
def test_an_entry_beyond_the_head_is_found(log, other) -> None:
    assume(other.id not in {entry.id for entry in log})
    touched = sealed(log)
    touched.beyond = sealed([*log, other]).rows[-1:]
    (finding,) = touched.check().findings
    assert (finding.kind, finding.sequence) == (FindingKind.INSERTED, len(log) + 1)


@pytest.mark.parametrize("is_with_hashes", [True, False])
@given(first=places, second=places)
def test_entries_that_changed_places_are_found(is_with_hashes, first, second) -> None:
    touched = ten()
    one, other = first % 10, second % 10
    assume(one != other)
    rows = touched.rows
    moved = ("sequence",) if is_with_hashes else ("sequence", "hash")
    there = {name: getattr(rows[one].seal, name) for name in moved}
    here = {name: getattr(rows[other].seal, name) for name in moved}
    rows[one], rows[other] = rows[one].sealed_as(**here), rows[other].sealed_as(**there)
    assert FindingKind.REORDERED in kinds(touched.check())


def test_a_head_that_is_gone_or_not_genuine_is_found() -> None:
    log = ten()
    assert kinds(Log(log.rows, None).check()) == {FindingKind.HEAD_MISSING}
    shifted = replace(log.head, mark=Mark(9, log.rows[8].seal.hash))
    # The row after it lies beyond: a store would find it so.
    assert kinds(Log(log.rows[:9], shifted).check()) == {FindingKind.HEAD_FORGED}
    check = ChainCheck()
    for row in log.rows:
        check.take(row.shown())
    check.finish(head=log.head, standing=HeadStanding.KEY_UNKNOWN, beyond=())
    assert kinds(check) == {FindingKind.HEAD_KEY_UNKNOWN}


def with_erasure_of(person: str) -> Log:
    """Ten entries about somebody, and one that tells of an erasure."""
    others = [an_entry(number) for number in range(1, 11)]
    return sealed([*others, an_entry(11, event=ERASURE, user_id=person, actor_id="staff")])


def erased(row: Row) -> Row:
    """The row as an erasure leaves it."""
    nothing = {"ip": None, "user_agent": None, "request_id": None, "changes": {}, "metadata": {}}
    return replace(row.edited(**nothing), erased=personal_digest(row.entry, row.seal.salt))


def test_an_erased_entry_is_whole_and_one_that_only_looks_erased_is_not() -> None:
    log = with_erasure_of("somebody")
    before = log.rows[3]
    log.rows[3] = erased(before)
    check = log.check()
    assert (check.is_whole, check.erased) == (True, 1)
    log.rows[3] = replace(before.edited(ip="192.0.2.99"), erased=log.rows[3].erased)
    assert kinds(log.check()) == {FindingKind.EDITED}


def test_an_entry_of_what_an_erased_person_did_may_be_erased() -> None:
    log = sealed([an_entry(1, user_id="other"), an_entry(2, event=ERASURE, user_id="somebody")])
    log.rows[0] = erased(log.rows[0])
    assert log.check().is_whole


@pytest.mark.parametrize("log", [ten(), with_erasure_of("somebody else")])
def test_an_entry_that_was_emptied_though_nobody_in_it_was_erased_is_found(log) -> None:
    log.rows[3], log.rows[4] = erased(log.rows[3]), erased(log.rows[4])
    check = log.check()
    found = [(finding.kind, finding.sequence, finding.id) for finding in check.findings]
    kind = FindingKind.ERASED_WITHOUT_CAUSE
    assert found == [(kind, at + 1, str(log.rows[at].entry.id)) for at in (3, 4)]
    assert (check.total, check.erased, check.unexplained) == (2, 2, ["somebody"])


def of_a_stranger(number: int, **fields: Any) -> AuditEntry:
    plain = {"event": "otp.wrong_code_given", "user_id": None, "actor_id": None, "actor_type": "anonymous"}
    return an_entry(number, **plain | fields)


def test_old_entries_of_strangers_may_be_emptied() -> None:
    log = sealed([of_a_stranger(number) for number in range(1, 4)])
    log.rows[0], log.rows[1] = erased(log.rows[0]), erased(log.rows[1])
    check = log.check(forgotten_before=log.rows[2].entry.occurred_at)
    assert (check.is_whole, check.erased) == (True, 2)
    young = log.check(forgotten_before=log.rows[1].entry.occurred_at)
    assert [(each.kind, each.sequence) for each in young.findings] == [(FindingKind.ERASED_WITHOUT_CAUSE, 2)]
    assert kinds(log.check()) == {FindingKind.ERASED_WITHOUT_CAUSE}


@pytest.mark.parametrize(
    "fields",
    [
        {"user_id": "somebody"},
        {"actor_id": "somebody", "actor_type": "user"},
        {"actor_type": "system"},
        {"event": "ledger.transaction_posted"},
        {"event": "identityless.thing"},
    ],
)
def test_no_other_entry_is_emptied_for_its_age(fields: dict[str, Any]) -> None:
    log = sealed([of_a_stranger(1, **fields)])
    log.rows[0] = erased(log.rows[0])
    late = log.rows[0].entry.occurred_at + timedelta(days=1_000)
    assert kinds(log.check(forgotten_before=late)) == {FindingKind.ERASED_WITHOUT_CAUSE}


def test_an_entry_that_was_made_to_look_like_a_stranger_s_is_found() -> None:
    log = sealed([an_entry(1)])
    made_up = {"event": "otp.wrong_code_given", "user_id": None, "actor_id": None, "actor_type": "anonymous"}
    log.rows[0] = erased(log.rows[0]).edited(**made_up)
    late = log.rows[0].entry.occurred_at + timedelta(days=1_000)
    assert kinds(log.check(forgotten_before=late)) >= {FindingKind.EDITED}


def test_an_erasure_that_was_written_in_without_being_sealed_explains_nothing() -> None:
    log = with_erasure_of("somebody else")
    log.rows[3], log.rows[10] = erased(log.rows[3]), log.rows[10].edited(user_id="somebody")
    assert kinds(log.check()) == {FindingKind.EDITED, FindingKind.ERASED_WITHOUT_CAUSE}


def test_the_event_that_explains_an_erased_entry_is_that_of_an_erasure() -> None:
    assert ERASURE == UserErased.NAME


def test_what_cannot_be_read_is_found() -> None:
    log = ten()
    check = ChainCheck()
    for row in log.rows:
        shown = row.shown()
        check.take(replace(shown, form=None, hash=None) if shown.sequence == 5 else shown)
    check.take(replace(log.rows[0].shown(), sequence=None))
    check.finish(head=log.head, standing=HeadStanding.GENUINE, beyond=())
    told = [(finding.kind, finding.sequence) for finding in check.findings]
    assert told == [(FindingKind.EDITED, 5), (FindingKind.INSERTED, None)]


def test_findings_are_told_up_to_a_limit_and_counted_beyond_it() -> None:
    log = sealed([an_entry(number) for number in range(1, 151)])
    log.rows = [row.edited(event="changed") for row in log.rows]
    check = log.check()
    assert (len(check.findings), check.total) == (MAX_FINDINGS, 150)


def test_a_head_is_compared_with_the_hash_stored_at_its_place() -> None:
    log = ten()
    resigned = ChainHead.sign(Mark(10, b"x" * 32), key_id="k1", secret=b"s" * 32, now=NOW)
    assert kinds(Log(log.rows, resigned).check()) == {FindingKind.HEAD_DIFFERS}
