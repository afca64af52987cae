"""QR codes as images that a page can show."""

import struct
from xml.etree import ElementTree as ET

from multiproduct.adapters.segno import SegnoQrCodes

URI = "otpauth://totp/STARK:tony%40stark.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=STARK"


def test_the_svg_is_a_scalable_document() -> None:
    root = ET.fromstring(SegnoQrCodes().svg(URI))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib


def test_the_png_is_a_square_image_with_whole_modules() -> None:
    image = SegnoQrCodes().png(URI)
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", image[16:24])
    assert width == height
    assert width % 6 == 0
    modules = width // 6 - 2 * 4
    assert (modules - 17) % 4 == 0, "a QR code has 17 + 4 * version modules a side"


def test_another_text_is_another_code() -> None:
    codes = SegnoQrCodes()
    assert codes.svg(URI) == codes.svg(URI)
    assert codes.svg(URI) != codes.svg(URI + "x")
    assert codes.png(URI) != codes.png(URI + "x")
