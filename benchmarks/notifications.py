"""People told a second by one process, from the event to the mailer, against the same SQL by bare asyncpg;
and mails rendered a second, against the same templates by bare Jinja2."""

import asyncio
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

from benchmarks.bench import Bench
from benchmarks.figures import Report, microseconds, rate
from benchmarks.interleaved import Operation, in_turns, statement
from benchmarks.journeys import finished, replayed
from benchmarks.machine import pinned, server_cores
from benchmarks.servers import OUTPUT, clean_environment, migrate
from benchmarks.telling import AT_ONCE
from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.jinja2 import JinjaMailRenderer
from multiproduct.application.notifications.ports import Brand

ROUNDS, ROUNDS_QUICK = 7, 3
EACH, EACH_QUICK = 1_000, 200
"""Events of one round, by each side."""
WARMING = 50
DATABASE, REPLAYED = "bench_notifications", "bench_notifications_replayed"
PATIENCE = 600.0
LINK = "https://stark.example/sign-in"
MAILS: tuple[tuple[str, str, dict[str, str | int]], ...] = (
    ("identity.document", "en", {"outcome": "approved", "link": LINK}),
    ("identity.code", "en", {"code": "482913", "minutes": 10, "purpose": "registration"}),
    ("identity.document", "fa", {"outcome": "approved", "link": LINK}),
)
SECONDS, SECONDS_QUICK = 0.5, 0.2


def run(bench: Bench) -> Report:
    rounds, each = bench.number(ROUNDS, ROUNDS_QUICK), bench.number(EACH, EACH_QUICK)
    report = Report(
        name="notifications",
        title=f"one process on one core, {AT_ONCE} at once, median of {rounds} rounds of {each} events",
    )
    fanned_out(bench, report, rounds, each)
    bench.say("rendering mails")
    asyncio.run(rendered(report, rounds, bench.seconds(SECONDS, SECONDS_QUICK)))
    return report


def fanned_out(bench: Bench, report: Report, rounds: int, each: int) -> None:
    settings = bench.fresh_settings(DATABASE, MULTIPRODUCT_INLINE_WORKER="false")
    settings.pop("MULTIPRODUCT_REDIS_URL")
    migrate(settings)
    turn = WARMING + each
    half = rounds * turn
    leases, captured_file = OUTPUT / "telling_leases.pickle", OUTPUT / "telling_captured.pickle"
    bench.say(f"{2 * half} events happen")
    tell(settings, "happen", 2 * half, leases)
    url = bench.backing.new_database(REPLAYED, template=DATABASE)
    bench.say(f"capturing the SQL of {half}")
    tell(settings, "capture", leases, half, 2 * half, captured_file)
    captured = pickle.loads(captured_file.read_bytes())
    told: list[dict[str, Any]] = []
    bare: list[dict[str, Any]] = []
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds}")
        begin, end = number * turn, (number + 1) * turn
        copied = captured[begin:end]
        if number % 2:
            bare.append(replayed(url, copied[WARMING:], copied[:WARMING]))
        with pinned(server_cores()):
            told.append(json.loads(tell(settings, "tell", leases, begin, begin + WARMING, end)))
        if not number % 2:
            bare.append(replayed(url, copied[WARMING:], copied[:WARMING]))
    show(report, told, bare, captured[-1])


def tell(settings: Mapping[str, str], *words: str | int | Path) -> bytes:
    """What `benchmarks.telling` says. Raises CannotMeasure."""
    command = ["benchmarks.telling", *(str(word) for word in words)]
    return finished(command, None, clean_environment(settings), PATIENCE)


def show(report: Report, told: list[dict[str, Any]], bare: list[dict[str, Any]], last: list[Any]) -> None:
    rates = [done["told"] / done["seconds"] for done in told]
    of_bare = [done["journeys"] / done["seconds"] for done in bare]
    cpu = median(done["cpu"] / done["told"] for done in told)
    own = median(done["cpu"] / done["journeys"] for done in bare)
    report.row(
        "events told of, over four channels each",
        f"{rate(median(rates))}, {microseconds(cpu * 1e6)} CPU each",
        ratio=median(mine / theirs for mine, theirs in zip(rates, of_bare, strict=True)),
        raw={"told": told, "bare": bare},
    )
    report.row("the same SQL by bare asyncpg", f"{rate(median(of_bare))}, {microseconds(own * 1e6)} CPU each")
    report.row("events told of, a second and core", rate(1 / cpu), ratio=own / cpu)
    statements = sum(len(each["statements"]) for each in last)
    transactions = sum(not each["autocommit"] for each in last)
    report.row("statements of an event", str(statements))
    report.row("round trips of an event, at least", str(statements + 2 * transactions))
    if failures := [done["failures"] for done in bare if done["failures"]]:
        report.notes.append(f"statements failed when replayed: {failures}")
    report.notes.append(
        "PostgreSQL and whatever else runs share the other core. Leasing, one statement for a batch, is not "
        "counted on either side."
    )


async def rendered(report: Report, rounds: int, seconds: float) -> None:
    renderer = JinjaMailRenderer(translator=BabelTranslator(), brand=Brand())
    for key, locale, params in MAILS:
        templates = bare_templates(renderer, key, locale, params)
        bare = Operation(
            label="bare",
            batch=statement(
                "for template, context in templates: template.render(context)", templates=templates
            ),
        )
        ours = Operation(
            label="ours",
            batch=statement(
                "render(key, locale=locale, params=params)",
                render=renderer.render,
                key=key,
                locale=locale,
                params=params,
            ),
        )
        base, mail = await in_turns(bare, [ours], rounds=rounds, seconds=seconds)
        report.row(
            f"mails rendered, {key} in {locale}, a second and core",
            f"{rate(mail.rate)}, bare Jinja2 {rate(base.rate)}",
            ratio=mail.ratio,
        )


def bare_templates(
    renderer: JinjaMailRenderer, key: str, locale: str, params: Mapping[str, str | int]
) -> list[tuple[Any, dict[str, Any]]]:
    """The compiled templates of a mail with what they are given, the words looked up in a dictionary."""
    found: list[tuple[Any, dict[str, Any]]] = []
    compiled = renderer._templates  # noqa: SLF001 - so that both sides have the very same

    class Noting:
        """Renders with a note of how."""

        def __init__(self, template: Any) -> None:
            self._template = template

        def render(self, context: dict[str, Any]) -> str:
            words: dict[str, str] = {}

            def say(text: str) -> str:
                words[text] = context["t"](text)
                return words[text]

            text: str = self._template.render({**context, "t": say})
            found.append((self._template, {**context, "t": MappingProxyType(words).__getitem__}))
            return text

    noting = {name: Noting(each) for name, each in compiled.items()}
    renderer._templates = noting  # type: ignore[assignment]  # noqa: SLF001 - to see what they are given
    try:
        renderer.render(key, locale=locale, params=params)
    finally:
        renderer._templates = compiled  # noqa: SLF001 - as it was
    return found
