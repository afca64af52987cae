"""QR codes with Segno."""

from multiproduct.adapters.segno.qr_codes import SegnoQrCodes

__all__ = ["SegnoQrCodes"]
