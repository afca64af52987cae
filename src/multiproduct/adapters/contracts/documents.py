"""What every store of documents and consents must do: a document moves on once, and the log only grows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import Consent, ConsentSource, Document, DocumentState, Scan

RIVALS = 20


def a_document(*, user_id: UUID | None = None, now: datetime = NOW) -> Document:
    """One whose file is awaited."""
    return Document.announce(
        id=a_uuid(), user_id=user_id or a_user_id(), kind="trade_licence", name="Licence", now=now
    )


def an_unusual_document() -> Document:
    """One with every field at a value of its own."""
    return Document(
        id=a_uuid(),
        user_id=a_user_id(),
        kind="k.k_k-k",
        name=UNUSUAL_TEXT,
        created_at=NOW,
        unused_since=NOW + MINUTE,
        state=DocumentState.REJECTED,
        format="jpg",
        size=2**24,
        scan=Scan.CLEAN,
        submitted_at=NOW + timedelta(microseconds=1),
        reviewed_at=NOW + HOUR,
        reviewed_by=a_user_id(),
        reason=UNUSUAL_TEXT,
        valid_until=NOW + DAY,
    )


def a_submitted_document(*, user_id: UUID | None = None, now: datetime = NOW) -> Document:
    """One that waits for its review."""
    document = a_document(user_id=user_id, now=now)
    document.uploading(format="pdf", size=3, scan=Scan.NOT_SCANNED, now=now)
    document.submitted(now=now)
    document.collect_events()
    return document


def a_consent(
    *, user_id: UUID, kind: str = "terms", version: str = "1", is_given: bool = True, at: datetime = NOW
) -> Consent:
    """A line of the log."""
    return Consent(
        id=a_uuid(),
        user_id=user_id,
        kind=kind,
        version=version,
        is_given=is_given,
        at=at,
        source=ConsentSource.OWN_ACCOUNT,
        ip="203.0.113.7",
        user_agent=UNUSUAL_TEXT,
    )


class DocumentsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for document in (a_document(), a_submitted_document(), an_unusual_document()):
            await _keep(units, document)
            assert await _found(units, document.id) == document
        assert await _found(units, a_uuid()) is None

    async def test_only_those_with_a_file_are_listed_the_newest_first(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        old, new = (a_submitted_document(user_id=mine, now=NOW - age) for age in (HOUR, MINUTE))
        for document in (old, new, a_document(user_id=mine), a_submitted_document()):
            await _keep(units, document)
        found = await in_view(units, lambda unit: unit.documents.of_user(mine, limit=9))
        assert [each.id for each in found] == [new.id, old.id]
        assert len(await in_view(units, lambda unit: unit.documents.of_user(mine, limit=1))) == 1
        assert await in_view(units, lambda unit: unit.documents.count(mine)) == 3

    async def test_of_many_rivals_one_moves_a_document_on(self, units: Units[StoreUnit]) -> None:
        document = a_submitted_document()
        await _keep(units, document)

        async def review(unit: StoreUnit) -> bool:
            mine = replace(document)
            mine.approved(by=a_user_id(), valid_until=None, now=NOW)
            is_first = await unit.documents.move(
                mine, from_state=DocumentState.SUBMITTED, begun_after=NOW - HOUR
            )
            await unit.commit()
            return is_first

        assert sum(await race(units, RIVALS, review)) == 1
        reviewed = AuditFilter(event="identity.document_reviewed")
        assert await in_view(units, lambda unit: unit.audit_trail.count(reviewed)) == 1

    async def test_one_that_was_awaited_for_too_long_moves_no_more(self, units: Units[StoreUnit]) -> None:
        document = a_document()
        await _keep(units, document)
        begun = replace(document)
        begun.uploading(format="png", size=9, scan=Scan.CLEAN, now=NOW)
        for begun_after, expected in ((NOW, False), (NOW - MINUTE, True), (NOW - MINUTE, False)):
            moved = await in_one_unit(
                units,
                lambda unit: unit.documents.move(
                    begun,
                    from_state=DocumentState.AWAITED,
                    begun_after=begun_after,  # noqa: B023 - awaited at once
                ),
            )
            assert moved is expected
        assert await _found(units, document.id) == begun

    async def test_a_removed_one_is_removed_once_and_moves_no_more(self, units: Units[StoreUnit]) -> None:
        document = a_submitted_document()
        await _keep(units, document)

        async def remove(unit: StoreUnit) -> bool:
            mine = replace(document)
            mine.removed(now=NOW)
            is_first = await unit.documents.remove(mine)
            await unit.commit()
            return is_first

        assert sum(await race(units, RIVALS, remove)) == 1
        removed = AuditFilter(event="identity.document_removed")
        assert await in_view(units, lambda unit: unit.audit_trail.count(removed)) == 1
        assert not await in_one_unit(
            units,
            lambda unit: unit.documents.move(
                document, from_state=DocumentState.SUBMITTED, begun_after=NOW - DAY
            ),
        )
        left = await _found(units, document.id)
        assert left is not None
        assert (left.unused_since, left.name) == (NOW, "")
        assert await in_view(units, lambda unit: unit.documents.count(document.user_id)) == 0

    async def test_dropping_all_of_a_person_leaves_rows_that_tell_nothing(
        self, units: Units[StoreUnit]
    ) -> None:
        mine = a_user_id()
        waiting, there = a_document(user_id=mine, now=NOW - HOUR), a_submitted_document(user_id=mine)
        others = a_submitted_document()
        for document in (waiting, there, others):
            await _keep(units, document)
        await in_one_unit(units, lambda unit: unit.documents.drop_all(mine, now=NOW))
        for document, since in ((waiting, NOW - HOUR), (there, NOW)):
            left = await _found(units, document.id)
            assert left is not None
            assert (left.name, left.reason, left.unused_since) == ("", None, since)
        assert await _found(units, others.id) == others

    async def test_the_unused_are_found_and_forgotten_and_nothing_else_is(
        self, units: Units[StoreUnit]
    ) -> None:
        oldest, older, young = (a_document(now=NOW - age) for age in (2 * HOUR, HOUR, MINUTE))
        used = a_submitted_document(now=NOW - DAY)
        for document in (young, older, oldest, used):
            await _keep(units, document)
        before = NOW - MINUTE
        found = await in_view(units, lambda unit: unit.documents.unused(before=before, limit=9))
        assert [each.id for each in found] == [oldest.id, older.id]
        every = [each.id for each in (oldest, young, used)]
        assert await in_one_unit(units, lambda unit: unit.documents.forget(every, before=before)) == 1
        assert await _found(units, oldest.id) is None
        assert await _found(units, used.id) == used


class ConsentsContract:
    """Needs `units`, as `DocumentsContract` does."""

    async def test_the_log_comes_back_as_it_was_the_newest_line_first(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        lines = [
            a_consent(user_id=mine, at=NOW),
            a_consent(user_id=mine, is_given=False, at=NOW + MINUTE),
            a_consent(user_id=mine, version="2", at=NOW + HOUR),
        ]
        await _log(units, *lines, a_consent(user_id=a_user_id()))
        found = await in_view(units, lambda unit: unit.consents.of_user(mine, limit=9))
        assert list(found) == lines[::-1]
        assert list(await in_view(units, lambda unit: unit.consents.of_user(mine, limit=1))) == lines[2:]

    async def test_the_newest_line_of_each_kind_stands(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        terms = a_consent(user_id=mine, version="2", at=NOW + MINUTE)
        mails = a_consent(user_id=mine, kind="marketing.email", is_given=False, at=NOW + HOUR)
        others = a_consent(user_id=a_user_id(), at=NOW + DAY)
        await _log(
            units,
            terms,
            a_consent(user_id=mine, at=NOW),
            mails,
            a_consent(user_id=mine, kind="marketing.email", at=NOW),
            others,
        )
        found = await in_view(units, lambda unit: unit.consents.standing(mine, limit=9))
        assert list(found) == [mails, terms]

    async def test_of_an_erased_person_the_log_keeps_no_address(self, units: Units[StoreUnit]) -> None:
        mine, theirs = a_consent(user_id=a_user_id()), a_consent(user_id=a_user_id())
        await _log(units, mine, theirs)
        await in_one_unit(units, lambda unit: unit.consents.anonymise(mine.user_id))
        for line, expected in ((mine, replace(mine, ip=None, user_agent=None)), (theirs, theirs)):
            found = await in_view(units, lambda unit: unit.consents.of_user(line.user_id, limit=9))  # noqa: B023 - awaited at once
            assert list(found) == [expected]


async def _keep(units: Units[StoreUnit], document: Document) -> None:
    await in_one_unit(units, lambda unit: unit.documents.add(document))


async def _found(units: Units[StoreUnit], id: UUID) -> Document | None:
    return await in_view(units, lambda unit: unit.documents.find(id))


async def _log(units: Units[StoreUnit], *lines: Consent) -> None:
    await in_one_unit(units, lambda unit: _add(unit, lines))


async def _add(unit: StoreUnit, lines: Sequence[Consent]) -> None:
    for line in lines:
        await unit.consents.add(line)
