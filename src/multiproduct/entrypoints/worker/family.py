"""Several processes of one kind as children of one parent, which live and end together."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

from multiproduct.bootstrap import set_up_logs
from multiproduct.settings import Settings

_PR_SET_PDEATHSIG = 1
_LAST_CALL_SECONDS = 45.0
_ENDED_WELL = (0, -signal.SIGTERM)
"""A child that is told twice, as by a supervisor that signals the whole group, may be ending already."""

Work = Callable[[Settings, int], int]


def run_family(work: Work, settings: Settings, threads: int, *, size: int) -> int:
    """Runs `work` in `size` processes until one of them ends or a signal comes, then ends them all.

    Answers 0 when each ended well. Children are told to stop when this process dies, however it dies (on
    Linux). A child that is not done 45 seconds after it was told to stop is killed.
    """
    context = multiprocessing.get_context("spawn")
    children: list[BaseProcess] = [
        context.Process(
            target=_be_child, args=(work, settings, threads, os.getpid()), name=f"worker-{number}"
        )
        for number in range(1, size + 1)
    ]

    def pass_on(number: int, frame: FrameType | None) -> None:
        del number, frame
        _tell_to_stop(children)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    for child in children:
        child.start()
    wait([child.sentinel for child in children])
    _tell_to_stop(children)
    for child in children:
        child.join(_LAST_CALL_SECONDS)
        if child.is_alive():
            child.kill()
            child.join()
    return 0 if all(child.exitcode in _ENDED_WELL for child in children) else 1


def _tell_to_stop(children: list[BaseProcess]) -> None:
    for child in children:
        # One that was not started yet, or is gone already, needs no telling.
        with contextlib.suppress(ValueError, AttributeError):
            child.terminate()


def _be_child(work: Work, settings: Settings, threads: int, parent: int) -> None:
    die_with(parent)
    set_up_logs(settings)
    sys.exit(work(settings, threads))


def die_with(parent: int) -> None:
    """Has the kernel send this process SIGTERM when its parent dies: prctl(2), PR_SET_PDEATHSIG, Linux."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was asked
        sys.exit(1)
