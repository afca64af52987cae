"""Group commit: postings that are asked for one by one at the same time are written as one batch.

A transaction of the database costs the same for one posting as for hundreds, and accounts that many write to
are waited for once. Whoever asks waits for the commit of the batch that their item is in, so that nothing is
answered that a crash could undo."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from multiproduct.domain.ledger import AnyInstruction, Outcome
from multiproduct.domain.shared import Unavailable

MAX_TOGETHER = 500
"""Items that are committed together."""
MAX_WAITING = 20_000
"""Items that wait; those who come then are told to try again later."""

_Waiting = tuple[AnyInstruction, "asyncio.Future[Outcome]"]


class Coalescing:
    """One for a process. While a batch is being committed the next one gathers. It belongs to the loop that
    uses it; after that has ended, another may have it."""

    def __init__(self, write: Callable[[Sequence[AnyInstruction]], Awaitable[Sequence[Outcome]]]) -> None:
        self._write = write
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def post(self, item: AnyInstruction) -> Outcome:
        """What came of the item, once it is committed. Raises Unavailable where too many wait, and whatever
        kept the batch from being committed. An item of its own: `is_linked` makes no sense here."""
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable(what="ledger")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((item, answer))
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._work(), name="ledger postings")
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            # Whoever was cancelled before the batch began has nothing written.
            batch = [(item, answer) for item, answer in batch if not answer.done()]
            if batch:
                await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._write([item for item, _ in batch])
        except BaseException as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(_again(error))
            if not isinstance(error, Exception):
                raise
            return
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if not answer.done():
                answer.set_result(outcome)


def _again(error: BaseException) -> BaseException:
    """Whoever is told of it gets what they can wait for: a cancelled batch is one that can be asked for
    again."""
    return Unavailable(what="ledger") if isinstance(error, asyncio.CancelledError) else error
