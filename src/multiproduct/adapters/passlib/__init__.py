"""Password hashing with the passlib API (the libpass package) and argon2id."""

from multiproduct.adapters.passlib.hashing import HashCost
from multiproduct.adapters.passlib.passwords import OwnProcesses, OwnThreads, PasslibPasswordHasher

__all__ = ["HashCost", "OwnProcesses", "OwnThreads", "PasslibPasswordHasher"]
