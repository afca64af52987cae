"""The one place where ports meet adapters: builds everything that an installation consists of.

Adapters that an installation does not use are not imported.
"""

from multiproduct.bootstrap.assembling import build
from multiproduct.bootstrap.container import Container, NotMigrated
from multiproduct.bootstrap.hashing import server_hasher_of
from multiproduct.bootstrap.listeners import Listener
from multiproduct.bootstrap.parts import MEMORY_URL, Overrides, Role, Shared, Store
from multiproduct.bootstrap.tending import migrate, set_up_logs

__all__ = [
    "MEMORY_URL",
    "Container",
    "Listener",
    "NotMigrated",
    "Overrides",
    "Role",
    "Shared",
    "Store",
    "build",
    "migrate",
    "server_hasher_of",
    "set_up_logs",
]
