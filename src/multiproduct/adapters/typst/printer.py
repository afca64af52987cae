"""The `InvoicePrinter` port on Typst, in a thread of its own with a bounded queue."""

import asyncio
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from multiproduct.adapters.typst.sheet import Sheet
from multiproduct.adapters.typst.sheets import invoice_sheet, statement_sheet
from multiproduct.adapters.typst.wording import Wording
from multiproduct.application.billing.invoice_document import InvoiceDocument, PrintableDocument
from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.ports.translator import Translator
from multiproduct.domain.shared import Unavailable

if TYPE_CHECKING:
    from typst import Compiler

_TEMPLATE = "sheet.typ"
_MOST_WAITING = 64


class TypstInvoicePrinter:
    """Loads Typst and the fonts with the first document. One is set at a time; at most `queue` wait.

    `fonts` are the folders of the font files. Where there are none, those of the system are taken, and a
    language whose script they lack shows boxes.
    """

    def __init__(
        self,
        *,
        translator: Translator,
        figures: Figures,
        fonts: Sequence[Path],
        queue: int = _MOST_WAITING,
    ) -> None:
        self._translator = translator
        self._figures = figures
        self._fonts = fonts
        self._most = queue + 1
        self._waiting = 0
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._compiler: Compiler | None = None
        self._template = b""

    async def pdf(self, document: PrintableDocument) -> bytes:
        """See the port."""
        with self._lock:
            if self._waiting >= self._most:
                raise Unavailable(what="invoices as PDF", retry_after=1)
            self._waiting += 1
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "invoices")
        future = self._pool.submit(self._printed, document)
        # Counted until the thread is done with it: a caller who went away frees no memory.
        future.add_done_callback(lambda _: self._finished())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Lets the thread go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _finished(self) -> None:
        with self._lock:
            self._waiting -= 1

    def _printed(self, document: PrintableDocument) -> bytes:
        wording = Wording(translator=self._translator, figures=self._figures, locale=document.locale)
        if isinstance(document, InvoiceDocument):
            sheet = invoice_sheet(document, wording)
        else:
            sheet = statement_sheet(document, wording)
        return self._set(sheet)

    def _set(self, sheet: Sheet) -> bytes:
        try:
            made = self._compiler_at_hand().compile(
                input=self._template,
                format="pdf",
                sys_inputs={"sheet": json.dumps(asdict(sheet), ensure_ascii=False)},
                # Not the time of printing: the same document gives the same file.
                timestamp=datetime(*sheet.issued, tzinfo=UTC),
            )
        except BaseException as error:
            # A panic inside Typst is no Exception, and may leave a compiler that is of no more use.
            self._compiler = None
            raise RuntimeError(f"Typst could not set {sheet.number}") from error
        assert isinstance(made, bytes)
        return made

    def _compiler_at_hand(self) -> "Compiler":
        if self._compiler is None:
            from typst import Compiler, Fonts  # noqa: PLC0415 - forty milliseconds, and only with a document

            self._template = (files("multiproduct.adapters.typst") / _TEMPLATE).read_bytes()
            fonts = Fonts(
                include_system_fonts=not self._fonts,
                include_embedded_fonts=not self._fonts,
                font_paths=list(self._fonts),
            )
            self._compiler = Compiler(font_paths=fonts)
        return self._compiler
