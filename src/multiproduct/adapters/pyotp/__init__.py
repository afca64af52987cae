"""One-time codes of authenticator apps with PyOTP."""

from multiproduct.adapters.pyotp.totp import PyotpTotpCodes

__all__ = ["PyotpTotpCodes"]
