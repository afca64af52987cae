"""Payments' use cases on the memory adapters."""
