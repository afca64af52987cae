"""The `ObjectStorage` port on obstore: a folder, S3, Google Cloud Storage, Azure, or memory, by URL."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multiproduct.application.files import MAX_OBJECT_BYTES, StoredObject, check_key, content_type_of
from multiproduct.domain.shared import Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_FOLDER = "file://"
_TIMEOUT, _CONNECT_TIMEOUT = "30s", "5s"
_WITHOUT_TLS = ("AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP")


class ObstoreStorage:
    """Opened on first use. The rights to a storage elsewhere come from its own environment variables
    (`AWS_...`, `GOOGLE_...`, `AZURE_...`), as its own tools read them."""

    def __init__(self, url: str) -> None:
        """`url`: `file://` and a path (which may begin with `./`), `s3://bucket/prefix`, `gs://...`,
        `az://...`, `memory:///`."""
        self._url = url
        self._opened: ObjectStore | None = None

    async def put(self, key: str, content: bytes) -> None:
        """See the port."""
        check_key(key)
        if len(content) > MAX_OBJECT_BYTES:
            raise ValueError(f"{key} has more than {MAX_OBJECT_BYTES} bytes")
        store = self._store()
        # A folder keeps nothing beside the bytes; the port has the key's ending say what they are.
        attributes = None if self._is_folder else {"Content-Type": content_type_of(key)}
        try:
            await _reaching(store.put_async(key, content, attributes=attributes))
        except FileNotFoundError as error:  # the bucket itself
            raise Unavailable(what="media") from error

    async def get(self, key: str) -> StoredObject | None:
        """See the port."""
        check_key(key)
        try:
            found = await _reaching(self._store().get_async(key))
            if found.meta["size"] > MAX_OBJECT_BYTES:
                raise ValueError(f"{key} has more than {MAX_OBJECT_BYTES} bytes")
            content = bytes(await _reaching(found.bytes_async()))
        except FileNotFoundError:
            return None
        return StoredObject(content, content_type_of(key))

    async def delete(self, key: str) -> None:
        """See the port."""
        check_key(key)
        try:
            await _reaching(self._store().delete_async(key))
        except FileNotFoundError:
            return

    @property
    def _is_folder(self) -> bool:
        return self._url.startswith(_FOLDER)

    def _store(self) -> "ObjectStore":
        if self._opened is None:
            from obstore.store import LocalStore, from_url  # noqa: PLC0415 - only where it is used

            if self._is_folder:
                folder = Path(self._url.removeprefix(_FOLDER)).absolute()
                self._opened = LocalStore(folder, mkdir=True)
            elif self._url.startswith("memory:"):
                self._opened = from_url(self._url)
            else:
                self._opened = from_url(
                    self._url,
                    client_options={
                        "timeout": _TIMEOUT,
                        "connect_timeout": _CONNECT_TIMEOUT,
                        # Options that are given take the place of those in the environment.
                        "allow_http": any(os.environ.get(name) == "true" for name in _WITHOUT_TLS),
                    },
                )
        return self._opened


async def _reaching(asked: Any) -> Any:
    """What was asked for. Raises FileNotFoundError, and Unavailable for whatever keeps from the storage."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - only where it is used

    try:
        return await asked
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Unavailable(what="media") from error
