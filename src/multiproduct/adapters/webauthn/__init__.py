"""Passkeys by py_webauthn, which is loaded when the first browser asks."""

from multiproduct.adapters.webauthn.ceremonies import LibraryPasskeyCeremonies

__all__ = ["LibraryPasskeyCeremonies"]
