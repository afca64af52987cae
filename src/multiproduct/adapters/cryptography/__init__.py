"""Encryption at rest with the cryptography package."""

from multiproduct.adapters.cryptography.sealing import AesGcmSealing

__all__ = ["AesGcmSealing"]
