"""The user name engine: whether a name can be had, and which free ones are like it."""

from collections.abc import Callable

from multiproduct.application.caching import ReadThrough
from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.commands import CheckUsername
from multiproduct.application.identity.results import Availability
from multiproduct.application.identity.username_answers import ANSWERS, TAKEN, UsernameAnswers, UsernameIndex
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import Username, UsernameTaken
from multiproduct.domain.identity.username_suggestions import generated
from multiproduct.domain.identity.usernames import DEFAULT_POLICY, UsernamePolicy, canonical_key

FREE_LOCAL_SECONDS, FREE_SHARED_SECONDS = 30.0, 300.0
TAKEN_LOCAL_SECONDS, TAKEN_SHARED_SECONDS = 60.0, 3600.0


def time_to_live(*, is_taken: bool) -> tuple[float, float]:
    """How long an answer is kept, in this process and in the shared cache, in seconds. A claim drops it in
    both at once."""
    if is_taken:
        return TAKEN_LOCAL_SECONDS, TAKEN_SHARED_SECONDS
    return FREE_LOCAL_SECONDS, FREE_SHARED_SECONDS


class UsernameChecking:
    """Answers from this process' memory, the shared cache or the unique index, in that order.

    An answer is advice. Whether a claim succeeds is decided by the unique index alone.
    """

    def __init__(
        self,
        *,
        index: UsernameIndex,
        answers: UsernameAnswers,
        cached: ReadThrough[Availability],
        randomness: Randomness,
        throttle: Throttle,
        policy: UsernamePolicy = DEFAULT_POLICY,
    ) -> None:
        self._index = index
        self._answers = answers
        self._cached = cached
        self._randomness = randomness
        self._throttle = throttle
        self._policy = policy

    @staticmethod
    def cache_keys(*names: str) -> tuple[str, ...]:
        """What a claim or a release of these canonical names makes stale."""
        return tuple(f"{cache}:{name}" for name in names for cache in (ANSWERS, TAKEN))

    def parse(self, text: str) -> Username:
        """A name that may be claimed here. Raises InvalidInput."""
        return Username.parse(text, self._policy)

    async def check(self, command: CheckUsername, caller: Caller = ANYBODY) -> Availability:
        """Whether the name can be had; four or more free ones beside it when not. Raises TooManyRequests."""
        await self._throttle.admit("username_check", caller)
        return await self.answer(command.username)

    @property
    def peek(self) -> Callable[[str], Availability | None]:
        """By the key under which it is remembered: the answer, if this process has it; no waiting, no limit
        taken. Its `username` is the key."""
        return self._cached.peek

    @staticmethod
    def remembered_as(text: str) -> str | None:
        """The key of `peek`, or None for a text of which nothing is remembered."""
        # Only ASCII names are remembered: two writings with one key are then judged alike, letter case apart.
        return text.lower() if text.isascii() else None

    async def answer(self, text: str) -> Availability:
        """The answer from the nearest cache that has it, without taking the limit."""
        found = await self._cached.get(key) if text.isascii() and (key := canonical_key(text)) else None
        if found is None:
            return await self._answers.work_out(text)
        return found if found.username == text else found.model_copy(update={"username": text})

    async def require_free(self, username: Username) -> None:
        """Raises UsernameTaken, with suggestions, for a name that somebody has."""
        if await self._index.taken([username.key]):
            raise await self.with_suggestions(UsernameTaken(username=username.display))

    async def with_suggestions(self, error: UsernameTaken) -> UsernameTaken:
        """The same error with names that are free."""
        wanted = str(error.params["username"])
        return UsernameTaken(username=wanted, suggestions=tuple(await self._answers.suggest(wanted)))

    def generated(self, count: int) -> list[Username]:
        """Names for somebody who chose none."""
        return [self.parse(generated(self._randomness.bytes(8))) for _ in range(count)]
