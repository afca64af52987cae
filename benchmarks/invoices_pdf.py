"""Invoices printed a second, against a bare minimal document by the same library in the same run."""

import asyncio
import importlib.util
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, milliseconds, rate
from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.adapters.contracts.invoice_printer import LOCALES, an_invoice
from multiproduct.adapters.typst import TypstInvoicePrinter, font_folders
from multiproduct.application.billing.invoice_document import PrintableDocument

ROUNDS = 7
INVOICES = 60
LONG = 1_000
BARE = '#set text(font: "Noto Sans")\nInvoice {number}: $4,720.00\n'


def run(bench: Bench) -> Report:
    if importlib.util.find_spec("typst") is None:
        raise CannotMeasure("typst is not installed (the extra `pdf`)")
    report = Report(
        name="invoices_pdf",
        title=f"median of {ROUNDS} rounds of {INVOICES} documents, none like another, one thread",
    )
    translator = BabelTranslator()
    printer = TypstInvoicePrinter(
        translator=translator, figures=BabelFigures(translator=translator), fonts=font_folders()
    )
    began = time.perf_counter()
    asyncio.run(printer.pdf(an_invoice()))
    report.row(
        "the first invoice, with Typst and the fonts", milliseconds(1000 * (time.perf_counter() - began))
    )
    bare = bare_documents()
    for locale in LOCALES:
        bench.say(locale)
        measure(report, printer, bare, locale, rounds=3 if bench.quick else ROUNDS)
    bench.say(f"{LONG} lines")
    began = time.perf_counter()
    made = asyncio.run(printer.pdf(an_invoice(lines=LONG)))
    report.row(
        f"one invoice of {LONG} lines",
        f"{milliseconds(1000 * (time.perf_counter() - began))}, {len(made) // 1024} KiB",
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report.notes.append(f"the process held {peak} MiB at most")
    printer.close()
    return report


def measure(
    report: Report, printer: TypstInvoicePrinter, bare: Callable[[int], None], locale: str, *, rounds: int
) -> None:
    """One language: product and bare documents in turns, the first round thrown away."""
    ours, theirs = [], []
    serial = 0
    for turn in range(rounds + 1):
        documents = [
            replace(an_invoice(locale), number=f"INV-2025-{serial + each:06}") for each in range(INVOICES)
        ]
        serial += INVOICES
        began = time.perf_counter()
        asyncio.run(all_of(printer, documents))
        between = time.perf_counter()
        for each in range(INVOICES):
            bare(serial + each)
        if turn:
            ours.append(INVOICES / (between - began))
            theirs.append(INVOICES / (time.perf_counter() - between))
    ratios = [mine / bare_rate for mine, bare_rate in zip(ours, theirs, strict=True)]
    report.row(
        f"invoices of 4 lines, {locale}",
        f"{rate(median(ours))} of {rate(median(theirs))}",
        ratio=median(ratios),
        raw={"ours": ours, "bare": theirs},
    )


async def all_of(printer: TypstInvoicePrinter, documents: Sequence[PrintableDocument]) -> None:
    for document in documents:
        await printer.pdf(document)


def bare_documents() -> Callable[[int], None]:
    """The least that Typst can be asked for: one line, the fonts at hand, the compiler kept."""
    import typst  # noqa: PLC0415 - after it is known to be there

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(font_folders())
    )
    compiler = typst.Compiler(font_paths=fonts)

    def one(number: int) -> None:
        compiler.compile(
            input=BARE.format(number=number).replace("$", "\\$").encode(), format="pdf", timestamp=0
        )

    return one
