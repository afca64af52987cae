"""Times operations in turns with the bare library call beside which they stand, all in this process.

Time is this process' own processor time: what other programs do meanwhile counts in neither."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from timeit import Timer
from typing import Any

Batch = Callable[[int], Awaitable[float]]
"""Does an operation so many times; answers the seconds, without those of its preparation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`at_most`: how many a batch may have, where each needs something made beforehand, or leaves a row."""

    label: str
    batch: Batch
    at_most: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Operations a second, by round. `ratios` are to the bare call of the same round."""

    label: str
    rates: list[float]
    ratios: list[float]

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def ratio(self) -> float:
        return median(self.ratios)


def statement(text: str, **names: Any) -> Batch:
    """A statement that needs nothing made; the loop around it is the compiled one of `timeit`."""

    async def batch(number: int) -> float:
        return Timer(text, timer=time.process_time, globals=names).timeit(number)

    return batch


def each(prepare: Callable[[int], Sequence[Any]], work: Callable[[Any], Any]) -> Batch:
    """One call for each of what was prepared; the last answer must be true."""

    async def batch(number: int) -> float:
        answer = None
        items = prepare(number)
        began = time.process_time()
        for item in items:
            answer = work(item)
        taken = time.process_time() - began
        assert answer
        return taken

    return batch


def each_awaited(
    prepare: Callable[[int], Awaitable[Sequence[Any]]], work: Callable[[Any], Awaitable[Any]]
) -> Batch:
    """The same for use cases."""

    async def batch(number: int) -> float:
        answer = None
        items = await prepare(number)
        began = time.process_time()
        for item in items:
            answer = await work(item)
        taken = time.process_time() - began
        assert answer
        return taken

    return batch


async def in_turns(
    bare: Operation, others: Sequence[Operation], *, rounds: int, seconds: float
) -> list[Measured]:
    """The bare call first, then the others, each in batches of about so many seconds; every second round goes
    the other way round, and a first one is thrown away."""
    operations = [bare, *others]
    numbers = [await _number(operation, seconds) for operation in operations]
    rates: list[list[float]] = [[] for _ in operations]
    for turn in range(rounds + 1):
        order = list(range(len(operations)))
        for index in order if turn % 2 else reversed(order):
            taken = await operations[index].batch(numbers[index])
            if turn:
                rates[index].append(numbers[index] / taken)
    return [
        Measured(
            label=operation.label,
            rates=own,
            ratios=[rate / of_bare for rate, of_bare in zip(own, rates[0], strict=True)],
        )
        for operation, own in zip(operations, rates, strict=True)
    ]


async def _number(operation: Operation, seconds: float) -> int:
    number, taken = 1, 0.0
    while number < operation.at_most:
        taken = await operation.batch(number)
        if taken > seconds / 10:
            break
        number *= 4
    return max(1, min(operation.at_most, int(number * seconds / max(taken, 1e-9))))
