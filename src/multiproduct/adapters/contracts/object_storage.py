"""What every storage of files must do."""

import asyncio

import pytest

from multiproduct.application.files import MAX_OBJECT_BYTES, ObjectStorage, StoredObject

KEY = "avatars/0199a4d2-7c1e-7b9a/512.webp"


class ObjectStorageContract:
    """Needs `storage`: an empty `ObjectStorage`."""

    async def test_what_was_put_is_there_with_the_type_of_its_name(self, storage: ObjectStorage) -> None:
        await storage.put(KEY, b"\x00\xff picture")
        assert await storage.get(KEY) == StoredObject(b"\x00\xff picture", "image/webp")
        await storage.put("a.pdf", b"")
        assert await storage.get("a.pdf") == StoredObject(b"", "application/pdf")

    async def test_nothing_is_where_nothing_was_put(self, storage: ObjectStorage) -> None:
        assert await storage.get(KEY) is None
        await storage.put(KEY, b"1")
        assert await storage.get("avatars/0199a4d2-7c1e-7b9a/128.webp") is None

    async def test_putting_again_takes_the_place_of_what_was_there(self, storage: ObjectStorage) -> None:
        await storage.put(KEY, b"a long first one")
        await storage.put(KEY, b"second")
        assert await storage.get(KEY) == StoredObject(b"second", "image/webp")

    async def test_what_is_deleted_is_gone_and_deleting_again_is_fine(self, storage: ObjectStorage) -> None:
        await storage.put(KEY, b"1")
        await storage.delete(KEY)
        assert await storage.get(KEY) is None
        await storage.delete(KEY)

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "../secret.webp",
            "avatars/../../secret.webp",
            "/etc/passwd.png",
            "avatars//x.webp",
            "Avatars/x.webp",
            "avatars/x",
            "avatars/x.exe",
            "avatars/x.webp/",
            "avatars/\x00.webp",
            "avatars/x y.webp",
            "a" * 200 + ".webp",
        ],
    )
    async def test_a_key_that_no_program_makes_is_refused(self, storage: ObjectStorage, key: str) -> None:
        for work in (storage.put(key, b"1"), storage.get(key), storage.delete(key)):
            with pytest.raises(ValueError, match=r"no (key|content type)"):
                await work

    async def test_more_than_is_stated_is_refused(self, storage: ObjectStorage) -> None:
        with pytest.raises(ValueError, match="more than"):
            await storage.put(KEY, b"0" * (MAX_OBJECT_BYTES + 1))

    async def test_a_reader_sees_one_whole_object_or_the_other(self, storage: ObjectStorage) -> None:
        large, small = b"L" * 1_000_000, b"s"
        await storage.put(KEY, small)

        async def write() -> None:
            for turn in range(10):
                await storage.put(KEY, large if turn % 2 == 0 else small)

        async def read() -> set[bytes]:
            seen = set()
            for _ in range(20):
                found = await storage.get(KEY)
                assert found is not None
                seen.add(found.content)
            return seen

        _, seen = await asyncio.gather(write(), read())
        assert seen <= {large, small}
