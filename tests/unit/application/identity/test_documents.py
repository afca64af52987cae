"""Documents: handed in once, reviewed once, private, and gone with their files."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import open_house
from tests.unit.application.identity.role_holders import a_holder, a_holder_of
from tests.unit.application.identity.test_avatars import a_caller

from multiproduct.adapters.memory.files import MemoryObjectStorage
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.identity import AnnounceDocument, ReviewDocument
from multiproduct.application.identity.document_keeping import DocumentFiles, DocumentKeeping
from multiproduct.application.identity.document_ports import NoScanner
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.files import FileInfected, FileTooLarge, NotADocument
from multiproduct.domain.identity import (
    DocumentSettled,
    DocumentState,
    OwnAccount,
    Scan,
    TooManyDocuments,
    UnknownUser,
)
from multiproduct.domain.identity.document import MAX_DOCUMENTS
from multiproduct.domain.identity.roles import DOCUMENTS_READ, DOCUMENTS_REVIEW
from multiproduct.domain.shared import (
    Forbidden,
    InvalidInput,
    NotConfigured,
    NotFound,
    Unauthenticated,
    Unavailable,
)

PDF, PNG, JPEG = b"%PDF-1.7 a licence", b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0..."
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LICENCE = AnnounceDocument(kind="trade_licence", name="Licence 2026")


class Scanner:
    """Finds what is called a virus."""

    async def scan(self, content):
        if b"virus" in content:
            raise FileInfected
        return Scan.CLEAN


class FailingStorage(MemoryObjectStorage):
    async def put(self, key, content):
        raise Unavailable(what="media")


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def storage():
    return MemoryObjectStorage()


@pytest.fixture
async def house(clock, storage):
    async with open_house(Overrides(clock=clock, storage=storage)) as opened:
        yield opened


@pytest.fixture
async def tony(house):
    return await a_caller(house)


async def handed_in(house, caller, content=PDF):
    announced = await house.identity.documents.announce(LICENCE, caller)
    return await house.identity.documents.upload(announced.id, content, caller)


async def staff(house, *permissions):
    return await (await a_holder_of(house.container, *permissions)).caller()


async def audited(house, event):
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.audit_trail.find(AuditFilter(event=event), limit=50))


@pytest.mark.parametrize(
    ("content", "content_type"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
async def test_a_document_is_handed_in_and_read_by_its_owner(house, tony, storage, content, content_type):
    announced = await house.identity.documents.announce(LICENCE, tony)
    assert (announced.state, announced.content_type) == (DocumentState.AWAITED, None)
    assert (await house.identity.documents.mine(tony)).items == []
    view = await house.identity.documents.upload(announced.id, content, tony)
    assert (view.state, view.content_type, view.size) == ("submitted", content_type, len(content))
    assert view.scan is Scan.NOT_SCANNED
    assert (await house.identity.documents.mine(tony)).items == [view]
    assert await house.identity.documents.one(view.id, tony) == view
    file = await house.identity.documents.file(view.id, tony)
    assert (file.content, file.content_type) == (content, content_type)
    assert len(storage.keys()) == 1


@pytest.mark.parametrize(
    "content", [b"<html>", b"GIF89a", b"MZ", b" %PDF-1.7", b"%PDF-9", b"\x89PNG", b"\xff\xd8", b"x" * 99]
)
async def test_what_is_no_document_is_refused_whatever_it_is_called(house, tony, storage, content):
    announced = await house.identity.documents.announce(LICENCE, tony)
    with pytest.raises(NotADocument):
        await house.identity.documents.upload(announced.id, content, tony)
    assert storage.keys() == []
    # The same document can still have a good one.
    assert (await house.identity.documents.upload(announced.id, PDF, tony)).state == "submitted"


async def test_a_file_is_no_larger_than_the_setting(house, tony):
    announced = await house.identity.documents.announce(LICENCE, tony)
    most = house.container.settings.document_max_bytes
    with pytest.raises(FileTooLarge):
        await house.identity.documents.upload(announced.id, PDF + b"x" * most, tony)


async def test_a_scanner_says_what_it_found(clock, storage):
    async with open_house(Overrides(clock=clock, storage=storage, scanner=Scanner())) as house:
        tony = await a_caller(house)
        assert (await handed_in(house, tony)).scan is Scan.CLEAN
        with pytest.raises(FileInfected):
            await handed_in(house, tony, PDF + b" virus")
        assert len(storage.keys()) == 1


async def test_a_document_has_one_file(house, tony):
    view = await handed_in(house, tony)
    with pytest.raises(DocumentSettled):
        await house.identity.documents.upload(view.id, PNG, tony)
    assert (await house.identity.documents.file(view.id, tony)).content == PDF


async def test_one_that_is_announced_waits_ten_minutes(house, tony, clock):
    announced = await house.identity.documents.announce(LICENCE, tony)
    clock.pass_by(10 * MINUTE)
    with pytest.raises(NotFound):
        await house.identity.documents.upload(announced.id, PDF, tony)


async def test_where_the_storage_fails_nothing_is_handed_in(clock):
    async with open_house(Overrides(clock=clock, storage=FailingStorage())) as house:
        tony = await a_caller(house)
        announced = await house.identity.documents.announce(LICENCE, tony)
        with pytest.raises(Unavailable):
            await house.identity.documents.upload(announced.id, PDF, tony)
        assert (await house.identity.documents.mine(tony)).items == []
        clock.pass_by(2 * HOUR)
        assert await house.identity.document_purging.run() == 1


async def test_without_a_storage_it_is_said(house, tony):
    container = house.container
    keeping = DocumentKeeping(
        units=container.units,
        clock=container.clock,
        ids=container.ids,
        files=DocumentFiles(storage=None, scanner=NoScanner(), max_bytes=1_000),
        throttle=container.throttle,
    )
    with pytest.raises(NotConfigured):
        await keeping.announce(LICENCE, tony)


async def test_nobody_keeps_more_than_fifty(house, tony):
    for _ in range(MAX_DOCUMENTS):
        last = await house.identity.documents.announce(LICENCE, tony)
    with pytest.raises(TooManyDocuments):
        await house.identity.documents.announce(LICENCE, tony)
    await house.identity.documents.remove(last.id, tony)
    await house.identity.documents.announce(LICENCE, tony)


async def test_anothers_document_is_not_there(house, tony):
    view = await handed_in(house, tony)
    announced = await house.identity.documents.announce(LICENCE, tony)
    pepper = await a_caller(house, "pepper@stark.com")
    documents = house.identity.documents
    for work in (
        documents.one(view.id, pepper),
        documents.file(view.id, pepper),
        documents.remove(view.id, pepper),
        documents.upload(announced.id, PDF, pepper),
    ):
        with pytest.raises(NotFound):
            await work
    with pytest.raises(Unauthenticated):
        await documents.file(view.id, ANYBODY)


async def test_a_removed_document_is_gone_at_once_and_its_file_soon(house, tony, storage, clock):
    view = await handed_in(house, tony)
    await house.identity.documents.remove(view.id, tony)
    for work in (
        house.identity.documents.one(view.id, tony),
        house.identity.documents.file(view.id, tony),
        house.identity.documents.remove(view.id, tony),
    ):
        with pytest.raises(NotFound):
            await work
    assert await house.identity.document_purging.run() == 0
    clock.pass_by(HOUR + MINUTE)
    assert await house.identity.document_purging.run() == 1
    assert storage.keys() == []


async def test_the_staff_reads_it_and_that_is_on_record(house, tony):
    view = await handed_in(house, tony)
    owner, reader = tony.require_user(), await staff(house, DOCUMENTS_READ)
    reviews = house.identity.document_reviews
    assert (await reviews.of_user(owner, reader)).items == [view]
    assert (await reviews.file(owner, view.id, reader)).content == PDF
    (listed,) = await audited(house, "identity.documents_read")
    (read,) = await audited(house, "identity.document_read")
    for entry in (listed, read):
        assert entry.action == "read"
        assert entry.actor_id == str(reader.require_user())
        assert entry.user_id == str(owner)


async def test_whoever_may_not_is_refused(house, tony):
    view = await handed_in(house, tony)
    owner, anyone = tony.require_user(), await (await a_holder(house.container, "standard_user")).caller()
    reviews = house.identity.document_reviews
    reader = await staff(house, DOCUMENTS_READ)
    for work in (
        reviews.of_user(owner, anyone),
        reviews.file(owner, view.id, anyone),
        reviews.review(owner, view.id, ReviewDocument(approve=True), anyone),
        reviews.review(owner, view.id, ReviewDocument(approve=True), reader),
    ):
        with pytest.raises(Forbidden):
            await work
    with pytest.raises(UnknownUser):
        await reviews.of_user(house.container.ids.for_user(), reader)


async def test_a_document_is_approved_until_a_moment_and_has_expired_then(house, tony, clock):
    view = await handed_in(house, tony)
    reviewer = await staff(house, DOCUMENTS_REVIEW)
    until = clock.now() + HOUR
    done = await house.identity.document_reviews.review(
        tony.require_user(), view.id, ReviewDocument(approve=True, valid_until=until), reviewer
    )
    assert (done.state, done.valid_until) == ("approved", until)
    clock.pass_by(HOUR - timedelta(microseconds=1))
    assert (await house.identity.documents.one(view.id, tony)).state == "approved"
    clock.pass_by(timedelta(microseconds=1))
    assert (await house.identity.documents.one(view.id, tony)).state == "expired"


async def test_a_rejection_has_a_reason_and_is_final(house, tony):
    view = await handed_in(house, tony)
    owner, reviewer = tony.require_user(), await staff(house, DOCUMENTS_REVIEW)
    reviews = house.identity.document_reviews
    for wrong in (
        ReviewDocument(approve=False),
        ReviewDocument(approve=False, reason=" "),
        ReviewDocument(approve=False, reason="no", valid_until="2999-01-01T00:00:00Z"),
        ReviewDocument(approve=True, valid_until="2001-01-01T00:00:00Z"),
    ):
        with pytest.raises(InvalidInput):
            await reviews.review(owner, view.id, wrong, reviewer)
    done = await reviews.review(
        owner, view.id, ReviewDocument(approve=False, reason="Page 2 is missing."), reviewer
    )
    assert (done.state, done.reason) == ("rejected", "Page 2 is missing.")
    with pytest.raises(DocumentSettled):
        await reviews.review(owner, view.id, ReviewDocument(approve=True), reviewer)
    (entry,) = await audited(house, "identity.document_reviewed")
    assert "Page 2" not in str(entry)


async def test_nobody_reviews_their_own(house):
    boss = await (await a_holder(house.container, "admin")).caller()
    view = await handed_in(house, boss)
    with pytest.raises(OwnAccount):
        await house.identity.document_reviews.review(
            boss.require_user(), view.id, ReviewDocument(approve=True), boss
        )


async def test_documents_are_exported_and_go_with_an_erasure(house, tony, storage, clock):
    view = await handed_in(house, tony)
    exported = await house.identity.data_export.export(tony)
    assert [each["id"] for each in exported.data["documents"]] == [str(view.id)]
    await house.identity.erasing.erase_own(tony)
    async with house.container.units.view(SYSTEM) as unit:
        left = await unit.documents.find(view.id)
    assert (left.name, left.reason) == ("", None)
    clock.pass_by(HOUR + MINUTE)
    await house.identity.document_purging.run()
    assert storage.keys() == []
