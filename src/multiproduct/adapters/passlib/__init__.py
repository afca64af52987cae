"""Password hashing with the passlib API (the libpass package) and argon2id."""

from multiproduct.adapters.passlib.passwords import HashCost, PasslibPasswordHasher

__all__ = ["HashCost", "PasslibPasswordHasher"]
