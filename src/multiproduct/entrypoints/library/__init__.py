"""Multiproduct inside another Python program, asynchronous or blocking."""

from multiproduct.entrypoints.library.app import Multiproduct
from multiproduct.entrypoints.library.blocking import BlockingMultiproduct

__all__ = ["BlockingMultiproduct", "Multiproduct"]
