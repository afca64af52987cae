"""Outbound HTTP with the httpx2 package."""

from multiproduct.adapters.httpx2.guarded_receivers import GuardedReceivers
from multiproduct.adapters.httpx2.web_client import Httpx2WebClient

__all__ = ["GuardedReceivers", "Httpx2WebClient"]
