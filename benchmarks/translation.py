"""Negotiating a language a second, what translating 100 display texts adds to a warm answer, and what a
translation service that is away adds to one."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from benchmarks.bench import Bench
from benchmarks.figures import Report, rate
from multiproduct.adapters.babel import BabelTranslator
from multiproduct.application.translation import Batch, ProviderFailed, Translatable, Translating
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.translation import LOCALES, negotiate
from multiproduct.settings import Settings

ROUNDS = 5
FIELDS = 100
HEADERS = (
    "en-US,en;q=0.9",
    "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7",
    "kn-IN,kn;q=0.9,hi;q=0.8,en;q=0.7",
    "es-MX,es;q=0.9,*;q=0.5",
    "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
    "fa",
    "ta-IN,ta;q=0.9",
    "de-DE,de;q=0.9",
)


class Item(BaseModel):
    """Two marked texts, and as much else as a plan has."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: Annotated[str, Translatable("bench.item.name")]
    description: Annotated[str, Translatable("bench.item.description")]
    code: str = "MONTHLY_GOLD"
    sort_order: int = 10


class Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    items: list[Item]


class Echo:
    """Answers at once: what is measured is what happens without it."""

    name = "echo:1"

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        return [f"{text} ({batch.target_language})" for text in batch.texts]


class Away:
    """A service that is away, in one way or another."""

    name = "away:1"

    def __init__(self, way: Callable[[], Awaitable[object]]) -> None:
        self._way = way

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        await self._way()
        return [None for _ in batch.texts]


async def failing() -> None:
    raise ProviderFailed("away")


def run(bench: Bench) -> Report:
    report = Report(name="translation", title=f"median of {ROUNDS} rounds in turns, one process, in memory")
    negotiation(report, bench.number(200_000, 20_000))
    asyncio.run(warm(report, bench.number(500, 100)))
    logging.getLogger("multiproduct.translation").setLevel(logging.ERROR)  # it is away on purpose
    for label, way in (("fails", failing), ("never answers", asyncio.Event().wait)):
        asyncio.run(away(report, label, way, bench.number(200, 50)))
    return report


def negotiation(report: Report, count: int) -> None:
    dice = random.Random(4647)
    headers = [dice.choice(HEADERS) for _ in range(count)]
    remembered = {header: negotiate(header, LOCALES) for header in HEADERS}
    translator = BabelTranslator()
    bare = per_second(headers, lambda header: remembered[header])
    for label, one in (
        ("negotiations by the algorithm", lambda header: negotiate(header, LOCALES)),
        ("negotiations as requests have them (remembered)", translator.negotiate),
    ):
        ours = per_second(headers, one)
        report.row(label, f"{rate(ours)}, a dictionary {rate(bare)}", ratio=ours / bare)


def per_second(headers: Sequence[str], one: Callable[[str], str]) -> float:
    rates = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for header in headers:
            one(header)
        rates.append(len(headers) / (time.perf_counter() - began))
    return median(rates)


async def warm(report: Report, count: int) -> None:
    settings = Settings(_env_file=None, database_url="memory://")
    container = build(settings, overrides=Overrides(translation_provider=Echo()))
    translating = container.translation.translating
    page = Page(
        items=[
            Item(id=n, name=f"Plan number {n}", description=f"What plan {n} is for, and for whom. " * 3)
            for n in range(FIELDS // 2)
        ]
    )
    first = await translating.result(page, locale="es", patience=10)
    assert not first.is_partial
    assert first.result.items[7].name == "Plan number 7 (es)"
    dump = [await per_answer(translating, page, "en", count) for _ in range(ROUNDS)]
    whole = [await per_answer(translating, page, "es", count) for _ in range(ROUNDS)]
    added = median(after - before for after, before in zip(whole, dump, strict=True))
    report.ceiling(
        f"a warm answer of {FIELDS} translated texts, beyond the same untranslated",
        f"{added:.2f} ms added to {median(dump):.2f} ms (median)",
        measured=added,
        below=2.0,
        unit="ms",
        ratio=median(whole) / median(dump),
    )
    await container.stop()


async def away(report: Report, label: str, way: Callable[[], Awaitable[object]], count: int) -> None:
    """Every answer has texts that nobody asked for before, and the service is asked each time: the circuit
    breaker, after which it costs nothing, is closed again by force."""
    settings = Settings(_env_file=None, database_url="memory://")
    container = build(settings, overrides=Overrides(translation_provider=Away(way)))
    translating, filling = container.translation.translating, container.translation.translating.filling
    assert filling is not None
    patience = settings.translation_patience_ms / 1_000
    waits = []
    for number in range(count):
        filling._breakers.clear()  # noqa: SLF001 - there is no other way to have it ask
        page = Page(items=[Item(id=n, name=f"{number} {n}", description="x") for n in range(FIELDS // 2)])
        began = time.perf_counter()
        shown = await translating.result(page, locale="es", patience=patience)
        waits.append((time.perf_counter() - began) * 1_000)
        assert shown.is_partial
    report.ceiling(
        f"an answer of {FIELDS} texts where the service {label}, the first time it is asked",
        f"{median(waits):.1f} ms added, {sorted(waits)[int(0.99 * count)]:.1f} ms at p99",
        measured=median(waits),
        below=20.0,
        unit="ms",
    )
    await container.stop()


async def per_answer(translating: Translating, page: Page, locale: str, count: int) -> float:
    """Milliseconds to translate a page and write it as JSON."""
    began = time.perf_counter()
    for _ in range(count):
        (await translating.result(page, locale=locale)).result.model_dump_json()
    return (time.perf_counter() - began) / count * 1_000
