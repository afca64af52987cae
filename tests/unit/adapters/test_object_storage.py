"""The contract of file storages, over memory and over a folder."""

from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="needs obstore (pip install 'multiproduct[files]')")

from multiproduct.adapters.contracts.object_storage import KEY, ObjectStorageContract
from multiproduct.adapters.memory.files import MemoryObjectStorage
from multiproduct.adapters.obstore import ObstoreStorage
from multiproduct.domain.shared import Unavailable


class TestInMemory(ObjectStorageContract):
    @pytest.fixture
    def storage(self) -> MemoryObjectStorage:
        return MemoryObjectStorage()


class TestInAFolder(ObjectStorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> ObstoreStorage:
        return ObstoreStorage(f"file://{tmp_path}/media")


class TestInTheMemoryOfObstore(ObjectStorageContract):
    @pytest.fixture
    def storage(self) -> ObstoreStorage:
        return ObstoreStorage("memory:///")


async def test_a_relative_folder_is_one_of_the_place_where_the_process_began(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    await ObstoreStorage("file://./var/media").put(KEY, b"1")
    assert (tmp_path / "var/media" / KEY).read_bytes() == b"1"


async def test_another_process_sees_what_was_put(tmp_path):
    await ObstoreStorage(f"file://{tmp_path}").put(KEY, b"1")
    found = await ObstoreStorage(f"file://{tmp_path}").get(KEY)
    assert found is not None
    assert found.content == b"1"


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "avatars").write_text("a file where a folder belongs")
    with pytest.raises(Unavailable):
        await ObstoreStorage(f"file://{tmp_path}").put(KEY, b"1")
