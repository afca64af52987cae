"""Encryption at rest, and signatures of devices, with the cryptography package."""

from multiproduct.adapters.cryptography.device_signatures import EcdsaDeviceSignatures
from multiproduct.adapters.cryptography.push_encryption import EcdhPushEncryption
from multiproduct.adapters.cryptography.sealing import AesGcmSealing

__all__ = ["AesGcmSealing", "EcdhPushEncryption", "EcdsaDeviceSignatures"]
