"""Running one deferred reaction: load its event, run it, and on failure put its todo back."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from multiproduct.application.events import EventCatalogue
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.todos import LeaseLost, LoggedEvent, Todo, TodoQueue
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.shared import Unavailable

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
"""With pauses that double from 1 second up to an hour: about two hours and three quarters until a todo is
buried."""
_FIRST_PAUSE_SECONDS = 1
_LONGEST_PAUSE_SECONDS = 3600


def pause_after(attempts: int) -> timedelta:
    """How long a todo rests after its nth failed attempt: 1, 2, 4 ... seconds, at most an hour."""
    return timedelta(seconds=min(_FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), _LONGEST_PAUSE_SECONDS))


async def _at_once() -> None:
    """Nothing needs to be done before a run."""


class Dispatching:
    """Runs leased todos. Delivery is at least once; the reaction's own transaction makes its effect happen
    once, and not at all in a run that lost its lease.

    `before_run` is awaited before each run, as the test clock is moved from other processes.
    """

    def __init__(
        self,
        *,
        todos: TodoQueue,
        reactions: ReactionTable,
        events: EventCatalogue,
        real_time: RealTime,
        report: Callable[[Todo, Exception], None] | None = None,
        before_run: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._todos = todos
        self._reactions = reactions
        self._events = events
        self._real_time = real_time
        self._report = report
        self._before_run = before_run

    async def run(self, todo: Todo) -> bool:
        """Runs one todo. True when this run had its effect; False when the todo was put back or given up, or
        is another run's by now."""
        await self._before_run()
        if todo.attempts > MAX_ATTEMPTS:
            # Its runs never came so far as to fail: each took the process with it.
            await self._bury(todo, "given up: its runs did not end")
            return False
        logged = await self._todos.event(todo.key.position)
        if logged is None:
            await self._bury(todo, "its event is gone")
            return False
        try:
            await self._react(todo, logged)
        except LeaseLost:
            # It is done, or whoever has it now will see to it: nothing is this run's to put back.
            _log.info("a run lost its lease", extra={"reaction": todo.key.reaction, "attempt": todo.attempts})
            return False
        except Unavailable as error:
            await self._put_back(todo, error, at_least=error.retry_after)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the todo must go back to the table
            await self._put_back(todo, error)
            return False
        return True

    async def _react(self, todo: Todo, logged: LoggedEvent) -> None:
        reaction = self._reactions.named(todo.key.reaction)
        if reaction is None:
            raise LookupError(f"no reaction is called {todo.key.reaction}")
        event = self._events.from_json(logged.name, logged.fields)
        await reaction(event, Heard(event, todo, logged.request_id))

    async def _put_back(self, todo: Todo, error: Exception, *, at_least: int = 0) -> None:
        _log.warning(
            "reaction failed", extra={"reaction": todo.key.reaction, "attempt": todo.attempts}, exc_info=error
        )
        if self._report is not None:
            self._report(todo, error)
        reason = f"{type(error).__name__}: {error}"[:500]
        if todo.attempts >= MAX_ATTEMPTS:
            await self._bury(todo, reason)
            return
        rest = max(pause_after(todo.attempts), timedelta(seconds=at_least))
        await self._todos.release(todo, error=reason, due_at=self._real_time.now() + rest)

    async def _bury(self, todo: Todo, reason: str) -> None:
        _log.error("reaction given up", extra={"reaction": todo.key.reaction, "reason": reason})
        await self._todos.bury(todo, error=reason, now=self._real_time.now())
