"""Telephone numbers by Google's metadata of the world's numbering plans."""

from multiproduct.adapters.phonenumbers.numbers import MetadataPhoneNumbers

__all__ = ["MetadataPhoneNumbers"]
