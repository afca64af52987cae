"""Files: keeping what people upload, and making safe pictures of it."""

from multiproduct.application.files.ports import (
    CONTENT_TYPES,
    MAX_OBJECT_BYTES,
    Images,
    ObjectStorage,
    StoredObject,
    check_key,
    content_type_of,
)

__all__ = [
    "CONTENT_TYPES",
    "MAX_OBJECT_BYTES",
    "Images",
    "ObjectStorage",
    "StoredObject",
    "check_key",
    "content_type_of",
]
