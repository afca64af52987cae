"""Files in the memory of one process."""

from multiproduct.application.files import MAX_OBJECT_BYTES, StoredObject, check_key, content_type_of


class MemoryObjectStorage:
    """The `ObjectStorage` port. What is kept goes with the process."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    async def put(self, key: str, content: bytes) -> None:
        """See the port."""
        check_key(key)
        if len(content) > MAX_OBJECT_BYTES:
            raise ValueError(f"{key} has more than {MAX_OBJECT_BYTES} bytes")
        self._objects[key] = bytes(content)

    async def get(self, key: str) -> StoredObject | None:
        """See the port."""
        content = self._objects.get(check_key(key))
        return None if content is None else StoredObject(content, content_type_of(key))

    async def delete(self, key: str) -> None:
        """See the port."""
        self._objects.pop(check_key(key), None)

    def keys(self) -> list[str]:
        """Every key, for tests."""
        return sorted(self._objects)
