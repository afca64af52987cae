"""Where passwords are hashed: in the program's own threads, or, for a server, in processes beside it."""

import os

from multiproduct.adapters.passlib import HashCost, OwnProcesses, OwnThreads, PasslibPasswordHasher
from multiproduct.settings import Settings


def hasher_of(settings: Settings) -> PasslibPasswordHasher:
    """For a program that this is a part of: it starts no processes."""
    return PasslibPasswordHasher(cost=_cost_of(settings), queue=settings.password_queue, workshop=OwnThreads)


def server_hasher_of(settings: Settings, *, workers: int) -> PasslibPasswordHasher:
    """For one of so many workers of a server, which share the machine's cores."""
    return PasslibPasswordHasher(
        cost=_cost_of(settings),
        queue=settings.password_queue,
        cores=max(1, (os.cpu_count() or 1) // workers),
        workshop=OwnProcesses,
    )


def _cost_of(settings: Settings) -> HashCost:
    return HashCost.normal() if settings.password_cost == "normal" else HashCost.test()  # noqa: S105
