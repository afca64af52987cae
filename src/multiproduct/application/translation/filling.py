"""Having a machine translate what nobody has yet, in the background: one call per text however many ask."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.translation.fragment_cache import Fragment, FragmentCache
from multiproduct.application.translation.ports import Batch, ProviderFailed, TranslationProvider
from multiproduct.domain.translation import Breaker, Glossary, NotKept, Protected, protect

MOST_TEXTS = 50
MOST_CHARACTERS = 20_000
"""Of the texts in one call."""
MOST_OPEN = 2_000
"""Texts that wait for the provider. What is asked beyond that is shown as it is."""
REFUSED_SECONDS = 60.0
"""How long a text is not asked again that the provider has no use for."""
_MOST_REFUSED = 10_000
_MOST_AT_A_TURN = 2_000
"""Characters that are looked through before anybody else has a turn of the loop."""
_CALLS = 4
_LOG = logging.getLogger("multiproduct.translation")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A text that is to be translated, and the key under which its translation is kept."""

    key: str
    source_language: str
    target_language: str
    text: str
    glossary: Glossary

    @property
    def pair(self) -> Pair:
        """From which language into which."""
        return self.source_language, self.target_language


@dataclass(slots=True, kw_only=True)
class _Boarded:
    wanted: Wanted
    answer: "asyncio.Future[str | None]"


@dataclass(slots=True, kw_only=True)
class _Asked(_Boarded):
    protected: Protected


B = TypeVar("B", bound=_Boarded)


class Filling:
    """Asks the provider, checks what it says, and keeps what is good. Who asks gets a future per text, which
    ends with the translation or with None, and never with an error; nobody has to wait for it.

    A call that fails, takes longer than `timeout` seconds or answers with another number of texts counts
    against the pair of languages: after several in a row the provider is left alone for a while.
    """

    def __init__(
        self, *, provider: TranslationProvider, cache: FragmentCache, real_time: RealTime, timeout: float
    ) -> None:
        self.calls = 0
        """How often the provider was called."""
        self._provider = provider
        self._cache = cache
        self._monotonic = real_time.monotonic
        self._timeout = timeout
        self._open: dict[str, asyncio.Future[str | None]] = {}
        self._boarding: list[_Boarded] = []
        self._breakers: dict[Pair, Breaker] = {}
        self._refused: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    @property
    def provider_name(self) -> str:
        """Who translates."""
        return self._provider.name

    def ask(self, wanted: Sequence[Wanted]) -> "dict[str, asyncio.Future[str | None]]":
        """Futures by key, for those texts that are asked for, now or already. Returns at once."""
        self._begin_anew_on_another_loop()
        asked: dict[str, asyncio.Future[str | None]] = {}
        for each in wanted:
            future = self._open.get(each.key) or self._board(each)
            if future is not None:
                asked[each.key] = future
        return asked

    async def settle(self) -> None:
        """Waits until nothing is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        """Ends what is under way: whatever is not translated yet will be asked for again."""
        for task in list(self._tasks):
            task.cancel()
        await self.settle()
        for answer in self._open.values():
            if not answer.done():
                answer.set_result(None)
        self._open.clear()
        self._boarding = []

    def _begin_anew_on_another_loop(self) -> None:
        """A host may run one loop after the other. What an earlier one left behind nobody ends any more."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._open.clear()
            self._tasks.clear()
            self._boarding = []

    def _board(self, wanted: Wanted) -> "asyncio.Future[str | None] | None":
        now = self._monotonic()
        if self._refused.get(wanted.key, 0.0) > now or len(self._open) >= MOST_OPEN:
            return None
        if not self._breaker(wanted.pair).may_call(now):
            return None
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._open[wanted.key] = answer
        if not self._boarding:
            # All that is asked within one turn of the loop goes together.
            self._spawn(self._depart())
        self._boarding.append(_Boarded(wanted=wanted, answer=answer))
        return answer

    async def _depart(self) -> None:
        boarded, self._boarding = self._boarding, []
        asked: list[_Asked] | None = None
        try:
            asked = await self._protected(boarded)
        finally:
            if asked is None:
                self._end(boarded)
        try:
            await self._keep([each for each in asked if not each.protected.has_words], _on_its_own)
        finally:
            worded = [each for each in asked if each.protected.has_words]
            for batch in _batches(worded):
                self._spawn(self._translate(batch))

    async def _protected(self, boarded: Sequence[_Boarded]) -> list[_Asked]:
        """Those that can be asked for; the others are refused."""
        asked: list[_Asked] = []
        async for each in _in_turns(boarded):
            try:
                protected = protect(each.wanted.text, each.wanted.glossary)
            except NotKept:
                self._refuse(each.wanted.key)
                self._end([each])
                continue
            asked.append(_Asked(wanted=each.wanted, answer=each.answer, protected=protected))
        return asked

    async def _translate(self, batch: Sequence[_Asked]) -> None:
        breaker = self._breaker(batch[0].wanted.pair)
        is_settled = False
        try:
            async with self._turn():
                if not breaker.begin(self._monotonic()):
                    return
                try:
                    answers = await self._call(batch)
                except ProviderFailed as error:
                    is_settled = True
                    breaker.failed(self._monotonic())
                    _LOG.warning("translations failed: %s", error)
                    return
                is_settled = True
                kept = await self._keep(batch, lambda each: _checked(answers[id(each)], each.protected))
                # Who answers, and never anything that can be shown, is as good as away.
                if kept or all(answer is None for answer in answers.values()):
                    breaker.succeeded()
                else:
                    breaker.failed(self._monotonic())
        finally:
            if not is_settled:
                breaker.gave_up()
            self._end(batch)

    async def _call(self, batch: Sequence[_Asked]) -> dict[int, str | None]:
        first = batch[0]
        self.calls += 1
        try:
            async with asyncio.timeout(self._timeout):
                answers = await self._provider.translate(
                    Batch(
                        source_language=first.wanted.source_language,
                        target_language=first.wanted.target_language,
                        format=first.protected.format,
                        texts=tuple(each.protected.sent for each in batch),
                    )
                )
        except TimeoutError:
            raise ProviderFailed(f"no answer within {self._timeout} seconds") from None
        except ProviderFailed:
            raise
        except Exception as error:  # a provider may be anybody's code, and must not take an answer with it
            raise ProviderFailed(type(error).__name__) from error
        if len(answers) != len(batch):
            raise ProviderFailed(f"{len(answers)} translations of {len(batch)} texts")
        return {id(each): answer for each, answer in zip(batch, answers, strict=True)}

    async def _keep(self, batch: Sequence[_Asked], answer_of: "Callable[[_Asked], str]") -> int:
        """Keeps what is good of a batch, and ends its futures; answers how many were good."""
        good: dict[str, tuple[str, Fragment]] = {}
        try:
            async for each in _in_turns(batch):
                try:
                    good[each.wanted.key] = (each.wanted.text, Fragment(answer_of(each), self._provider.name))
                except NotKept as reason:
                    self._refuse(each.wanted.key)
                    _LOG.info("a translation is not used: %s", reason)
            for each in batch:
                if each.wanted.key in good and not each.answer.done():
                    each.answer.set_result(good[each.wanted.key][1].text)
            if good:
                await self._cache.set_many(good)
        finally:
            self._end(batch)
        return len(good)

    def _end(self, batch: Sequence[_Boarded]) -> None:
        for each in batch:
            if not each.answer.done():
                each.answer.set_result(None)
            if self._open.get(each.wanted.key) is each.answer:
                del self._open[each.wanted.key]

    def _refuse(self, key: str) -> None:
        self._refused.pop(key, None)
        self._refused[key] = self._monotonic() + REFUSED_SECONDS
        while len(self._refused) > _MOST_REFUSED:
            del self._refused[next(iter(self._refused))]

    def _breaker(self, pair: Pair) -> Breaker:
        return self._breakers.setdefault(pair, Breaker())

    def _turn(self) -> asyncio.Semaphore:
        """A few calls at a time. A semaphore belongs to a loop, and a process may have had another."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, asyncio.Semaphore(_CALLS))
        return self._turns[1]

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)


async def _in_turns(boarded: Sequence[B]) -> AsyncIterator[B]:
    """A page of long texts takes a while to go through, in which the loop has others to serve."""
    characters = 0
    for each in boarded:
        if characters > _MOST_AT_A_TURN:
            await asyncio.sleep(0)
            characters = 0
        characters += len(each.wanted.text)
        yield each


def _on_its_own(asked: _Asked) -> str:
    return asked.protected.without_translator()


def _checked(answer: str | None, protected: Protected) -> str:
    if not isinstance(answer, str):
        raise NotKept("there is none")
    return protected.restored(answer)


def _batches(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    def kind(each: _Asked) -> tuple[str, str, str]:
        return (*each.wanted.pair, each.protected.format)

    batches: list[list[_Asked]] = []
    for _, alike in groupby(sorted(asked, key=kind), key=kind):
        characters = MOST_CHARACTERS
        for each in alike:
            characters += len(each.protected.sent)
            if characters > MOST_CHARACTERS or len(batches[-1]) >= MOST_TEXTS:
                batches.append([])
                characters = len(each.protected.sent)
            batches[-1].append(each)
    return batches
