"""What files need: a place to keep them, and a reader of pictures that trusts none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

MAX_OBJECT_BYTES = 20_000_000
MAX_KEY_LENGTH = 200

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "webp": "image/webp",
        "png": "image/png",
        "jpg": "image/jpeg",
        "gif": "image/gif",
        "pdf": "application/pdf",
    }
)
"""What a key's ending says about the content. A folder keeps no content type beside a file, so the name is
where it stands, in every storage."""

_is_key = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*\.[a-z0-9]+").fullmatch


def content_type_of(key: str) -> str:
    """The content type by the key's ending. Raises ValueError for an ending that is not in the table."""
    found = CONTENT_TYPES.get(key.rpartition(".")[2])
    if found is None:
        raise ValueError(f"no content type is known for {key!r}")
    return found


def check_key(key: str) -> str:
    """The key itself. Raises ValueError for one that is longer than 200 characters or is not made of lower
    case letters, digits, `_` and `-` in segments with an ending that is known: keys are made by the program,
    never by people."""
    if len(key) > MAX_KEY_LENGTH or not _is_key(key):
        raise ValueError(f"this is no key: {key[:MAX_KEY_LENGTH]!r}")
    content_type_of(key)
    return key


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What lies under a key."""

    content: bytes
    content_type: str


class ObjectStorage(Protocol):
    """Keeps files by key (see `check_key`), at most 20 MB each.

    Promises: what `put` answered is there for every process; a reader sees a whole object, the old one or the
    new one, never a part; the content type is that of the key's ending.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Keeps the content, in the place of what was there. Raises ValueError for a key or size that is not
        allowed, Unavailable."""
        ...

    async def get(self, key: str) -> StoredObject | None:
        """What is there, or None. Raises ValueError, Unavailable."""
        ...

    async def delete(self, key: str) -> None:
        """Removes what is there; nothing there is fine. Raises ValueError, Unavailable."""
        ...


class Images(Protocol):
    """Reads pictures that strangers made, and writes new ones from their pixels alone.

    Promises: what the bytes are is found by looking at them; sizes are judged before anything is decoded;
    nothing of the original but its pixels is in what is written; decoding never holds up the event loop, and
    at most a few run at once.
    """

    async def squares(self, content: bytes, *, edges: Sequence[int]) -> Sequence[bytes]:
        """The middle of the picture as WebP squares, one for each edge length in pixels: upright as its
        camera meant it, of an animation the first frame. Reads JPEG, PNG, WebP and GIF.

        Raises NotAnImage, and Unavailable while too many wait.
        """
        ...
