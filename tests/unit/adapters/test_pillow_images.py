"""Pictures of strangers: judged before they are decoded, and written anew from their pixels."""

import asyncio
import io
import struct
import zlib

import pytest

pytest.importorskip("PIL", reason="needs Pillow (pip install 'multiproduct[files]')")

from PIL import Image, ImageDraw, TiffImagePlugin

from multiproduct.adapters.pillow import MAX_PIXELS, PillowImages
from multiproduct.domain.files import NotAnImage
from multiproduct.domain.shared import Unavailable

RED, GREEN, BLUE, YELLOW = (200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)
GPS, MAKE, ORIENTATION, XP_COMMENT = 0x8825, 0x010F, 0x0112, 0x9C9C


@pytest.fixture
def images():
    images = PillowImages()
    yield images
    images.close()


def quarters(size: tuple[int, int] = (400, 400)) -> Image.Image:
    """Red and green above, blue and yellow below."""
    width, height = size
    picture = Image.new("RGB", size, RED)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 2, 0, width, height // 2), GREEN)
    draw.rectangle((0, height // 2, width // 2, height), BLUE)
    draw.rectangle((width // 2, height // 2, width, height), YELLOW)
    return picture


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def is_like(pixel, colour) -> bool:
    return all(abs(found - wanted) < 60 for found, wanted in zip(pixel, colour, strict=False))


def corners(content: bytes) -> list[tuple[int, ...]]:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    edge = picture.width
    at = (edge // 4, 3 * edge // 4)
    return [picture.getpixel((x, y)) for y in at for x in at]


def looks_upright(content: bytes) -> bool:
    return all(
        is_like(found, wanted)
        for found, wanted in zip(corners(content), (RED, GREEN, BLUE, YELLOW), strict=True)
    )


def chunks(webp: bytes) -> list[bytes]:
    assert webp[:4] == b"RIFF"
    assert webp[8:12] == b"WEBP"
    found, place = [], 12
    while place < len(webp):
        name, size = struct.unpack_from("<4sI", webp, place)
        found.append(name)
        place += 8 + size + size % 2
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_each_format_becomes_webp_squares_of_the_wished_sizes(images, kind):
    large, small = await images.squares(encoded(quarters(), kind), edges=(512, 128))
    assert [Image.open(io.BytesIO(each)).size for each in (large, small)] == [(512, 512), (128, 128)]
    assert looks_upright(large)
    assert looks_upright(small)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_pictures_of_every_depth_are_read(images, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new("I;16", (300, 200)) if mode == "I;16" else quarters((300, 200)).convert(mode)
    (square,) = await images.squares(encoded(picture, kind), edges=(128,))
    assert Image.open(io.BytesIO(square)).size == (128, 128)


async def test_what_is_transparent_stays_so(images):
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    (square,) = await images.squares(encoded(picture, "PNG"), edges=(128,))
    assert Image.open(io.BytesIO(square)).convert("RGBA").getpixel((64, 64))[3] == 0


async def test_the_middle_of_a_wide_picture_is_taken(images):
    picture = Image.new("RGB", (900, 300), BLUE)
    ImageDraw.Draw(picture).rectangle((300, 0, 599, 299), RED)
    (square,) = await images.squares(encoded(picture, "PNG"), edges=(128,))
    assert all(is_like(corner, RED) for corner in corners(square))


async def test_of_an_animation_the_first_frame_is_taken(images):
    frames = [Image.new("RGB", (200, 200), BLUE)]
    for kind in ("GIF", "WEBP"):
        content = encoded(quarters((200, 200)), kind, save_all=True, append_images=frames, duration=50)
        (square,) = await images.squares(content, edges=(128,))
        assert looks_upright(square), kind


@pytest.mark.parametrize("turn", range(1, 9))
async def test_a_picture_stands_as_its_camera_meant_it(images, turn):
    # What a camera stores is the upright picture turned the other way round.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = quarters((400, 400))
    if turn in stored:
        picture = picture.transpose(stored[turn])
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    (square,) = await images.squares(encoded(picture, "JPEG", exif=exif), edges=(128,))
    assert looks_upright(square)


async def test_nothing_of_the_file_but_its_pixels_is_kept(images):
    exif = Image.Exif()
    exif[MAKE] = "Stark Industries"
    exif[XP_COMMENT] = "canary-comment".encode("utf-16-le")
    exif[GPS] = {1: "N", 2: (TiffImagePlugin.IFDRational(34), 1, 2), 3: "W", 29: "canary-gps"}
    for kind in ("JPEG", "PNG", "WEBP"):
        more = {"icc_profile": b"canary-profile" * 20, "xmp": b"<canary-xmp/>"}
        content = encoded(quarters(), kind, exif=exif, **more)
        assert b"canary-gps" in content
        (square,) = await images.squares(content, edges=(128,))
        assert b"canary" not in square
        assert b"Stark" not in square
        assert set(chunks(square)) <= {b"VP8 ", b"VP8X", b"ALPH", b"VP8L"}, kind
        assert not Image.open(io.BytesIO(square)).getexif()


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (50_000, 50_000),
        (20_000, 20_000),
        (10_000, 9_000),
        (MAX_PIXELS // 1000 + 1, 1000),
        (1, 20_000),
        (2**31 - 1, 2**31 - 1),
    ],
)
async def test_a_bomb_is_refused_by_its_header(images, width, height, monkeypatch):
    monkeypatch.setattr(Image.Image, "convert", lambda *_, **__: pytest.fail("it was decoded"))
    with pytest.raises(NotAnImage):
        await images.squares(png_of(width, height, zlib.compress(b"\0" * 1_000_000)), edges=(128,))


async def test_a_gif_whose_frame_is_larger_than_it_says_is_refused(images):
    gif = bytearray(encoded(Image.new("P", (10, 10)), "GIF"))
    place = gif.index(b"\x2c")
    gif[place + 5 : place + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(NotAnImage):
        await images.squares(bytes(gif), edges=(128,))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"GIF89a<script>alert(1)</script>",
        b"\xff\xd8\xff" + b"\0" * 100,
        b"RIFF\0\0\0\0WEBP" + b"\0" * 100,
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE svg><svg/>',
        b"%PDF-1.7",
        b"BM" + b"\0" * 100,
        b"II*\0" + b"\0" * 100,
        b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file",
        b"<html>not a picture</html>",
        b"\0" * 1000,
    ],
)
async def test_what_is_no_picture_is_refused(images, content):
    with pytest.raises(NotAnImage):
        await images.squares(content, edges=(128,))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
async def test_pictures_in_other_formats_are_refused(images, kind):
    with pytest.raises(NotAnImage):
        await images.squares(encoded(quarters((64, 64)), kind), edges=(128,))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_that_breaks_off_is_refused(images, kind):
    whole = encoded(quarters(), kind)
    with pytest.raises(NotAnImage):
        await images.squares(whole[: len(whole) // 2], edges=(128,))


async def test_a_file_that_is_something_else_as_well_loses_it(images):
    archive = b"PK\x03\x04 canary <script>alert('canary')</script>"
    (square,) = await images.squares(encoded(quarters(), "JPEG") + archive, edges=(128,))
    assert b"canary" not in square
    comment = encoded(quarters(), "GIF", comment=b"<script>canary</script>")
    assert b"canary" in comment
    (square,) = await images.squares(comment, edges=(128,))
    assert b"canary" not in square


async def test_damaged_bytes_anywhere_never_raise_anything_else(images):
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = encoded(quarters((64, 64)), kind)
        for place in range(12, len(whole), max(1, len(whole) // 40)):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            try:
                await images.squares(bytes(damaged), edges=(32,))
            except NotAnImage:
                continue


async def test_more_than_may_wait_are_told_to_come_again_and_later_it_works():
    images = PillowImages(queue=1)
    content = encoded(quarters((2000, 2000)), "PNG")
    work = [asyncio.ensure_future(images.squares(content, edges=(128,))) for _ in range(6)]
    found = await asyncio.gather(*work, return_exceptions=True)
    refused = [each for each in found if isinstance(each, Unavailable)]
    assert len(refused) == 4
    assert all(not isinstance(each, BaseException) for each in found if each not in refused)
    assert await images.squares(content, edges=(128,))
    images.close()
