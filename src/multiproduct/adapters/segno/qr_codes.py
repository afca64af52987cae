"""The `QrCodes` port on Segno."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

_ERROR_CORRECTION = "m"
_QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks for
_PIXELS_A_MODULE = 6


class SegnoQrCodes:
    """Black on white with the quiet zone of the standard, so that it can be read off any page."""

    def svg(self, text: str) -> str:
        """See the port. The document scales to whatever it is put into."""
        drawn = io.BytesIO()
        _code(text).save(
            drawn, kind="svg", border=_QUIET_ZONE, light="white", xmldecl=False, omitsize=True, nl=False
        )
        return drawn.getvalue().decode()

    def png(self, text: str) -> bytes:
        """See the port. Six pixels a module."""
        drawn = io.BytesIO()
        _code(text).save(drawn, kind="png", border=_QUIET_ZONE, light="white", scale=_PIXELS_A_MODULE)
        return drawn.getvalue()


def _code(text: str) -> "QRCode":
    import segno  # noqa: PLC0415 - only where it is used

    return segno.make_qr(text, error=_ERROR_CORRECTION)
