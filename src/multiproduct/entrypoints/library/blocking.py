"""The same object for programs without an event loop: one loop in one thread, and a call that waits."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from multiproduct.entrypoints.library.app import AlreadyOpen, Closed, Multiproduct

P = ParamSpec("P")
T = TypeVar("T")


class NotOpen(RuntimeError):
    """It is used before it was opened. Open it with `with BlockingMultiproduct(...) as mp:`, or call `open()`
    and, at the end, `close()`."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


class BlockingMultiproduct:
    """Calls use cases from any number of threads; each call waits for its answer. Each is opened once; a
    closed one stays closed.

    `mp.call(mp.use.identity.registration.start, StartRegistration(...))` has the types of the use case, and
    raises what it raises.
    """

    def __init__(self, multiproduct: Multiproduct) -> None:
        self.use = multiproduct
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._was_open = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def migrate(self) -> None:
        """Brings the database's tables up to this release; see `Multiproduct.migrate`. To be called before
        opening, where no loop runs."""
        asyncio.run(self.use.migrate())

    def open(self) -> None:
        """Starts the loop's thread and opens what is needed. Raises what opening raises: NotMigrated,
        Unavailable, Closed, AlreadyOpen."""
        if self._loop is not None:
            raise AlreadyOpen
        if self._was_open:
            raise Closed
        self._was_open = True
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="multiproduct", daemon=True)
        self._thread.start()
        try:
            ready.result()
            self.call(self.use.__aenter__)
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Closes everything and ends the thread. Closing twice is fine."""
        if self._loop is None:
            return
        try:
            self.call(self.use.__aexit__, None, None, None)
        finally:
            self._end()

    def call(self, use_case: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **named: P.kwargs) -> T:
        """The use case's answer. Raises NotOpen, Closed, and whatever the use case raises."""
        if self._loop is None:
            raise Closed if self._was_open else NotOpen
        return asyncio.run_coroutine_threadsafe(use_case(*args, **named), self._loop).result()

    def _run(self, ready: Future[None]) -> None:
        loop = asyncio.new_event_loop()
        self._loop = loop
        loop.call_soon(ready.set_result, None)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(_cancel_what_is_under_way())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _end(self) -> None:
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)
        if thread is not None:
            thread.join()


async def _cancel_what_is_under_way() -> None:
    """Callers in other threads must not wait for ever for an answer that nobody works on any more."""
    under_way = asyncio.all_tasks() - {asyncio.current_task()}
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
