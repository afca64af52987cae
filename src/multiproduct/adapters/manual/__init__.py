"""Payments by bank transfer, which staff confirms by hand."""

from multiproduct.adapters.manual.gateway import NAME, BankTransferGateway

__all__ = ["NAME", "BankTransferGateway"]
