"""Multiproduct inside another Python program, asynchronous or blocking."""

from multiproduct.entrypoints.library.app import AlreadyOpen, Closed, Multiproduct
from multiproduct.entrypoints.library.blocking import BlockingMultiproduct, NotOpen

__all__ = ["AlreadyOpen", "BlockingMultiproduct", "Closed", "Multiproduct", "NotOpen"]
