"""Hashing in processes beside the program: as in its threads, and nothing is left when they end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from multiproduct.adapters.passlib import HashCost, OwnProcesses, PasslibPasswordHasher

PATIENCE_SECONDS = 90
LOWEST_PRIORITY = 19


@pytest.fixture
def hasher():
    made = PasslibPasswordHasher(cost=HashCost.test(), cores=1, workshop=OwnProcesses)
    yield made
    made.close()


def process_of(hasher: PasslibPasswordHasher) -> subprocess.Popen:
    [place] = hasher._places
    return place._process


@pytest.mark.parametrize(
    "password", ["correct horse", "密碼密碼密碼", "two\nlines", 'a "quoted" \\ one', "nul\0l", "x" * 1_024]
)
async def test_a_password_of_any_kind_matches_its_hash_and_no_other(hasher, password):
    hashed = await hasher.hash(password)
    assert hashed.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert (await hasher.check(password, hashed)).matches
    assert not (await hasher.check(f"{password}.", hashed)).matches


async def test_a_hash_of_another_cost_is_made_anew_and_nobody_matches(hasher):
    dearer = PasslibPasswordHasher(cost=HashCost(16, 2), cores=1)
    check = await hasher.check("correct horse", await dearer.hash("correct horse"))
    dearer.close()
    assert check.matches
    assert check.new_hash is not None
    assert "m=8,t=1" in check.new_hash
    assert not (await hasher.check("correct horse", None)).matches
    assert not (await hasher.check("correct horse", "no hash at all")).matches


async def test_one_that_was_killed_is_started_again(hasher):
    hashed = await hasher.hash("correct horse")
    killed = process_of(hasher)
    killed.kill()
    killed.wait(PATIENCE_SECONDS)
    assert (await hasher.check("correct horse", hashed)).matches
    assert process_of(hasher).pid != killed.pid


async def test_closing_ends_the_process_and_a_later_hash_starts_another(hasher):
    hashed = await hasher.hash("correct horse")
    first = process_of(hasher)
    hasher.close()
    assert first.returncode == 0
    assert (await hasher.check("correct horse", hashed)).matches


async def test_it_is_told_no_secret_of_the_environment(hasher, monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_SECRET_KEY", "a secret of thirty-two characters")
    await hasher.hash("correct horse")
    assert b"MULTIPRODUCT_" not in Path(f"/proc/{process_of(hasher).pid}/environ").read_bytes()


async def test_an_interrupt_from_the_terminal_is_left_to_the_server(hasher):
    hashed = await hasher.hash("correct horse")
    process = process_of(hasher)
    process.send_signal(signal.SIGINT)
    assert (await hasher.check("correct horse", hashed)).matches
    assert process_of(hasher) is process


PROGRAM = """
import asyncio, os, signal, sys
from multiproduct.adapters.passlib import HashCost, OwnProcesses, PasslibPasswordHasher

async def main():
    hasher = PasslibPasswordHasher(cost=HashCost.test(), cores=2, workshop=OwnProcesses)
    await asyncio.gather(*(hasher.hash("correct horse") for _ in range(8)))
    print(*(place._process.pid for place in hasher._places), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_none_outlives_a_program_that_was_killed():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    left = [int(pid) for pid in done.stdout.split()]
    assert left
    until = time.monotonic() + PATIENCE_SECONDS
    while any(is_running(pid) for pid in left) and time.monotonic() < until:
        await asyncio.sleep(0.05)
    assert not any(is_running(pid) for pid in left)


def is_running(pid: int) -> bool:
    """Whether it is there and no mere entry that waits for its parent's attention."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_runs_at_a_low_priority(hasher):
    async def go() -> int:
        await hasher.hash("correct horse")
        return os.getpriority(os.PRIO_PROCESS, process_of(hasher).pid)

    assert asyncio.run(go()) == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, LOWEST_PRIORITY)
