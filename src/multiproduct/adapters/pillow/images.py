"""The `Images` port on Pillow, in a thread of its own with a bounded queue."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING

from multiproduct.adapters.pillow.jpeg_scans import is_line_by_line
from multiproduct.adapters.pillow.png_chunks import PNG, pixels_only
from multiproduct.domain.files import NotAnImage
from multiproduct.domain.shared import Unavailable

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 30_000_000
"""Of a JPEG that is decoded line by line, at a fraction of its size."""
MAX_DECODED_PIXELS = 12_500_000
"""50 MB, at four bytes a pixel: a photograph of a common telephone."""
MAX_WEBP_PIXELS = 6_250_000
"""The decoder holds a picture four times."""
MAX_EDGE = 16_384
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_BEGINNINGS = (b"\xff\xd8\xff", PNG, b"GIF87a", b"GIF89a")
_QUALITY = 85
_BAND = 32
_ORIENTATION = 0x0112  # EXIF 2.32, table 4
_MOST_WAITING = 8


class PillowImages:
    """One picture is decoded at a time, so that memory is bounded; at most `queue` wait."""

    def __init__(self, *, queue: int = _MOST_WAITING) -> None:
        self._most = queue + 1
        self._waiting = 0
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    async def squares(self, content: bytes, *, edges: Sequence[int]) -> Sequence[bytes]:
        """See the port."""
        if not _looks_readable(content):
            raise NotAnImage(max_pixels=MAX_PIXELS)
        with self._lock:
            if self._waiting >= self._most:
                raise Unavailable(what="images", retry_after=1)
            self._waiting += 1
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "images")
        future = self._pool.submit(_squares, content, edges)
        # Counted until the thread is done with it: a caller who went away frees no memory.
        future.add_done_callback(lambda _: self._finished())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Lets the thread go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _finished(self) -> None:
        with self._lock:
            self._waiting -= 1


def _looks_readable(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith(_BEGINNINGS)


def _squares(content: bytes, edges: Sequence[int]) -> list[bytes]:
    try:
        return _made(content, edges)
    except NotAnImage:
        raise
    except Exception as error:
        # On hostile bytes decoders raise whatever they like.
        raise NotAnImage(max_pixels=MAX_PIXELS) from error


def _made(content: bytes, edges: Sequence[int]) -> list[bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - only where it is used

    largest = max(edges)
    if content.startswith(PNG):
        content = pixels_only(content)
    # Opening reads the header only; a bomb by Pillow's own measure raises or warns here.
    with Image.open(BytesIO(content), formats=_FORMATS) as picture:
        _refuse_too_large(picture, _most_pixels(picture.format, content))
        turn = picture.getexif().get(_ORIENTATION, 1)
        # JPEG can be decoded at a fraction of its size; the squares are made from what is large enough.
        picture.draft("RGB", (2 * largest, 2 * largest))
        _refuse_too_large(picture, MAX_DECODED_PIXELS)
        picture.load()
        middle = _middle(picture, 2 * largest)
    square = ImageOps.fit(middle, (largest, largest), Image.Resampling.LANCZOS)
    upright = _upright(square, turn)
    return [_written(upright, edge) for edge in edges]


def _most_pixels(kind: str | None, content: bytes) -> int:
    if kind == "WEBP":
        return MAX_WEBP_PIXELS
    return MAX_PIXELS if kind == "JPEG" and is_line_by_line(content) else MAX_DECODED_PIXELS


def _refuse_too_large(picture: "Image", most: int) -> None:
    width, height = picture.size
    if not (0 < width <= MAX_EDGE and 0 < height <= MAX_EDGE and width * height <= most):
        raise NotAnImage(max_pixels=most)


def _middle(picture: "Image", wanted: int) -> "Image":
    """The middle square in plain colours, made smaller by a whole number, to no less than `wanted`. A band is
    converted at a time: a picture that was decoded is never held twice."""
    from PIL import Image  # noqa: PLC0415 - only where it is used

    mode = "RGBA" if picture.has_transparency_data else "RGB"
    edge = min(picture.size)
    left, top = ((length - edge) // 2 for length in picture.size)
    factor = max(1, edge // wanted)
    across = edge // factor
    middle = Image.new(mode, (across, across))
    for row in range(0, across, _BAND):
        end = min(row + _BAND, across)
        box = (left, top + row * factor, left + across * factor, top + end * factor)
        middle.paste(picture.crop(box).convert(mode).reduce(factor), (0, row))
    return middle


def _upright(square: "Image", turn: object) -> "Image":
    """The middle square of a turned picture is the turned middle square."""
    from PIL.Image import Transpose  # noqa: PLC0415 - only where it is used

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(turn if isinstance(turn, int) else 1)
    return square if method is None else square.transpose(method)


def _written(square: "Image", edge: int) -> bytes:
    from PIL import Image  # noqa: PLC0415 - only where it is used

    sized = square if square.size == (edge, edge) else square.resize((edge, edge), Image.Resampling.LANCZOS)
    # A new picture of the same pixels: whatever else the file held (EXIF, XMP, profiles, comments) is not
    # there to be written.
    bare = Image.new(sized.mode, sized.size)
    bare.paste(sized)
    out = BytesIO()
    bare.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()
