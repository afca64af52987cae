"""Files over HTTP: reading the one that a request carries, and answering with one."""

from collections.abc import AsyncIterator

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.entrypoints.http.documents import read_body
from multiproduct.entrypoints.http.endpoints import Upload
from multiproduct.entrypoints.http.refusals import BodyTooLarge, Malformed, UnsupportedType

FORM_TYPE = "multipart/form-data"
_ANYTHING = "application/octet-stream"
_ROOM_AROUND = 16_384
"""What a form may have around the file: boundaries, names, small fields."""
_MOST_FIELDS = 8


class FileView(BaseModel):
    """An answer that is a file."""

    content: bytes
    content_type: str


async def read_upload(request: Request, upload: Upload, *, max_bytes: int) -> bytes:
    """The file's bytes: the body, or the part of a form that has the name. What a client calls its content is
    only asked to tell a form from a file.

    Raises BodyTooLarge, UnsupportedType, Malformed, InvalidInput.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared == FORM_TYPE:
        content = await _part(request, upload.field, max_bytes=max_bytes + _ROOM_AROUND)
        if len(content) > max_bytes:
            raise BodyTooLarge(max=max_bytes)
    elif declared in ("", _ANYTHING, *upload.media_types) or declared.startswith("image/"):
        content = await read_body(request, max_bytes=max_bytes)
    else:
        raise UnsupportedType(expected=", ".join((*upload.media_types, FORM_TYPE)))
    if not content:
        raise InvalidInput(FieldProblem(upload.field, "required"))
    return content


def file_response(file: FileView, *, status: int, cache_control: str) -> Response:
    """The file itself. A browser that opens it by itself runs nothing in it."""
    headers = {
        "cache-control": cache_control,
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(file.content, status_code=status, headers=headers, media_type=file.content_type)


async def _part(request: Request, field: str, *, max_bytes: int) -> bytes:
    from starlette.datastructures import UploadFile  # noqa: PLC0415 - only where it is used
    from starlette.formparsers import MultiPartException, MultiPartParser  # noqa: PLC0415 - likewise

    body = await read_body(request, max_bytes=max_bytes)

    async def stream() -> AsyncIterator[bytes]:
        yield body
        yield b""

    parser = MultiPartParser(
        request.headers,
        stream(),  # type: ignore[arg-type] # an iterator is all that is asked of the generator
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=max_bytes,
    )
    # The body is in memory already; a copy on disk would only outlive a crash.
    parser.spool_max_size = max_bytes
    try:
        part = (await parser.parse()).get(field)
        return await part.read() if isinstance(part, UploadFile) else b""
    except (MultiPartException, KeyError, ValueError):
        raise Malformed from None
    finally:
        # The parser closes them only for errors of its own, and a form may simply break off.
        for spooled in parser._files_to_close_on_error:  # noqa: SLF001 - see above
            spooled.close()
