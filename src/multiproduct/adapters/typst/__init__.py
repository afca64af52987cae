"""Invoices as PDF, set by Typst."""

from multiproduct.adapters.typst.fonts import font_folders
from multiproduct.adapters.typst.printer import TypstInvoicePrinter

__all__ = ["TypstInvoicePrinter", "font_folders"]
