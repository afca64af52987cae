"""How much memory a hostile picture takes: a small file may be large once it is decoded."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

pytest.importorskip("PIL", reason="needs Pillow (pip install 'multiproduct[files]')")

from PIL import Image

from multiproduct.adapters.pillow import MAX_DECODED_PIXELS, MAX_PIXELS, PillowImages
from multiproduct.adapters.pillow.jpeg_scans import is_line_by_line
from multiproduct.domain.files import NotAnImage

MOST_MEGABYTES = 120
WIDE = (16_384, 1_830)  # as many pixels as are read of anything, in lines that are as long as may be
MEASURE = """
import sys
from multiproduct.adapters.pillow import images
from multiproduct.domain.files import NotAnImage
from PIL import GifImagePlugin, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024

with open(sys.argv[1], "rb") as file:
    content = file.read()
before = peak()
try:
    images._squares(content, (512, 128))
    outcome = "read"
except NotAnImage:
    outcome = "refused"
print(outcome, peak() - before)
"""


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def a_png(size: tuple[int, int], *, colours: int, depth: int = 8, more: bytes = b"") -> bytes:
    """One that is black, and small as a file. `colours` is the colour type (PNG, third edition, 11.2.1)."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    width, height = size
    line = b"\0" + b"\0" * (width * channels * depth // 8)
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(line) for _ in range(height)) + packing.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def encoded(size: tuple[int, int], mode: str, kind: str, **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def a_palette() -> bytes:
    return chunk(b"PLTE", b"\0" * 768) + chunk(b"tRNS", b"\x80" * 256)


def texts() -> bytes:
    long = zlib.compress("\U0001f600".encode() + b" " * 1_000_000, 9)
    return chunk(b"iTXt", b"Comment\0\1\0\0\0" + long) * 60


SQUARE = (3_535, 3_535)
PICTURES = {
    "wide rgba png": lambda: a_png(WIDE, colours=6),
    "wide palette png": lambda: a_png(WIDE, colours=3, more=a_palette()),
    "rgba png": lambda: a_png(SQUARE, colours=6),
    "deep rgba png": lambda: a_png(SQUARE, colours=6, depth=16),
    "palette png": lambda: a_png(SQUARE, colours=3, more=a_palette()),
    "grey png with alpha": lambda: a_png(SQUARE, colours=4),
    "png with long texts": lambda: a_png((64, 64), colours=2, more=texts()),
    "gif": lambda: encoded(SQUARE, "P", "GIF"),
    "webp": lambda: encoded((2_500, 2_500), "RGBA", "WEBP", lossless=True, method=0),
    "wide webp": lambda: encoded((16_383, 1_830), "RGB", "WEBP", method=0),
    "jpeg": lambda: encoded((6_000, 5_000), "RGB", "JPEG", subsampling=0),
    "wide jpeg": lambda: encoded(WIDE, "RGB", "JPEG"),
    "progressive jpeg": lambda: encoded(SQUARE, "RGB", "JPEG", progressive=True, subsampling=0),
    "large progressive jpeg": lambda: encoded((6_000, 5_000), "RGB", "JPEG", progressive=True),
    "progressive cmyk jpeg": lambda: encoded(SQUARE, "CMYK", "JPEG", progressive=True),
}
REFUSED = {"wide rgba png", "wide palette png", "wide webp", "wide jpeg", "large progressive jpeg"}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc, to tell a process' peak")
@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_takes_much_memory_however_small_its_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(PICTURES[name]())
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], check=True, capture_output=True, text=True, timeout=60
    )
    outcome, megabytes = told.stdout.split()
    assert outcome == ("refused" if name in REFUSED else "read")
    assert int(megabytes) < MOST_MEGABYTES


def test_a_jpeg_that_is_decoded_line_by_line_is_told_from_one_that_is_not() -> None:
    size = (40, 30)
    assert is_line_by_line(encoded(size, "RGB", "JPEG", exif=b"Exif\0\0" + b"\0" * 99, comment="x"))
    assert is_line_by_line(encoded(size, "L", "JPEG"))
    assert not is_line_by_line(encoded(size, "RGB", "JPEG", progressive=True))
    plain = encoded(size, "RGB", "JPEG")
    scan = plain.index(b"\xff\xda")
    assert plain[scan + 4] == 3
    assert not is_line_by_line(plain[: scan + 4] + b"\1" + plain[scan + 5 :])
    assert not is_line_by_line(plain[:scan] + b"\0" + plain[scan:])
    for length in range(scan):
        assert not is_line_by_line(plain[:length])


async def test_a_large_photograph_is_read_and_a_large_drawing_refused() -> None:
    images = PillowImages()
    size = (6_000, 4_000)
    assert MAX_DECODED_PIXELS < size[0] * size[1] < MAX_PIXELS
    assert await images.squares(encoded(size, "RGB", "JPEG"), edges=(64,))
    with pytest.raises(NotAnImage) as refusal:
        await images.squares(a_png(size, colours=0), edges=(64,))
    assert refusal.value.params["max_pixels"] == MAX_DECODED_PIXELS
    images.close()


async def test_a_reduced_picture_has_its_parts_where_they_were() -> None:
    picture = Image.new("RGB", (3_000, 2_500), (0, 0, 200))
    picture.paste((200, 0, 0), (1_500, 0, 3_000, 1_250))
    out = io.BytesIO()
    picture.save(out, "PNG")
    images = PillowImages()
    (square,) = await images.squares(out.getvalue(), edges=(128,))
    images.close()
    found = Image.open(io.BytesIO(square)).convert("RGB")
    for at, reddest in (((96, 32), True), ((32, 32), False), ((32, 96), False), ((96, 96), False)):
        red, _, blue = found.getpixel(at)
        assert (red > blue) is reddest
