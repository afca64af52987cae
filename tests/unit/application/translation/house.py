"""An installation in memory, a provider that does as tests say, and a loop whose waiting takes no time."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.application.caller import SYSTEM
from multiproduct.application.translation import (
    AsWritten,
    Batch,
    Filling,
    ProviderFailed,
    SetTerm,
    Translatable,
    Translated,
    Translating,
    Translation,
    WriteTranslation,
)
from multiproduct.bootstrap import Container, Overrides, build
from multiproduct.settings import Settings

Rule = Callable[[Batch], Awaitable[Sequence[str | None]]]


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Size(Shown):
    label: Annotated[str, Translatable("test.size.label")]
    code: str = "L"


class Thing(Shown):
    id: int = 7
    name: Annotated[str, Translatable("test.thing.name")]
    tags: Annotated[list[str], Translatable("test.thing.tag")] = []
    note: Annotated[str | None, Translatable("test.thing.note")] = None
    code: str = "Gold"
    sizes: list[Size] = []
    best: Size | None = None
    by_name: dict[str, Size] = {}


class EditedThing(AsWritten, Thing):
    pass


class Holder(Shown):
    thing: Thing
    edited: EditedThing
    untouched: dict[str, Any] = {"name": "Gold"}


class Letter(Shown):
    title: Annotated[str, Translatable("test.letter.title", written_in="locale")]
    locale: str


async def shout(batch: Batch) -> list[str | None]:
    """A wording that shows what was asked, with everything in its place."""
    return [f"{text} ({batch.target_language})" for text in batch.texts]


class Scripted:
    """A provider that keeps what it was asked, and answers by a rule."""

    def __init__(self, rule: Rule = shout) -> None:
        self.rule = rule
        self.batches: list[Batch] = []
        self.name = "scripted:1"

    @property
    def asked(self) -> list[str]:
        return [text for batch in self.batches for text in batch.texts]

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        self.batches.append(batch)
        return await self.rule(batch)


async def fail(_batch: Batch) -> list[str | None]:
    raise ProviderFailed("down")


async def hang(_batch: Batch) -> list[str | None]:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


class House:
    def __init__(self, provider: Scripted | None, **changed: Any) -> None:
        self.provider = provider or Scripted()
        self.time = HandTime()
        settings = Settings(_env_file=None, database_url="memory://", password_cost="test", **changed)
        overrides = Overrides(translation_provider=provider, real_time=self.time)
        self.container: Container = build(settings, overrides=overrides)

    @property
    def translation(self) -> Translation:
        return self.container.translation

    @property
    def translating(self) -> Translating:
        return self.translation.translating

    @property
    def filling(self) -> Filling:
        assert self.translating.filling is not None
        return self.translating.filling

    async def show(self, result: BaseModel, locale: str = "es", patience: float = 60.0) -> Translated[Any]:
        return await self.translating.result(result, locale=locale, patience=patience)

    async def name_of(self, text: str, locale: str = "es", patience: float = 60.0) -> str:
        shown = await self.show(Thing(name=text), locale, patience)
        return shown.result.name

    async def say(self, text: str, translation: str, field: str = "test.thing.name", to: str = "es") -> None:
        """As a person."""
        await self.translation.texts.write(
            WriteTranslation(field=field, source_text=text, text=translation, target_language=to), SYSTEM
        )

    async def decide(self, term: str, wording: str | None, to: str = "es") -> None:
        await self.translation.glossary.set(SetTerm(term=term, wording=wording, target_language=to), SYSTEM)

    async def another_process(self) -> Translating:
        """With nothing in its own memory, and the same shared cache."""
        await self.filling.settle()
        other = House(self.provider)
        other.translating._cache._shared = self.container.shared.cache
        return other.translating


class StillSelector(selectors.DefaultSelector):
    """Never waits: time goes on by as much as it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, for nothing that could come")
        if not ready and timeout is not None and timeout > 0:
            self.passed += timeout
        return ready


class StillLoop(asyncio.SelectorEventLoop):
    """A loop on which seconds pass at once, and are counted."""

    def __init__(self) -> None:
        self.still = StillSelector()
        super().__init__(self.still)

    def time(self) -> float:
        return self.still.passed
