"""Settings of payments: which gateways there are, and when one is asked what became of a payment."""

from typing import Literal

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class PayingSettings(BaseSettings):
    """Through which gateways people pay."""

    sandbox_gateway: Literal["development", "always", "never"] = setting(
        "development",
        "SANDBOX_GATEWAY",
        "whether the gateway STARK_PAY, which moves no money, is there: development (not in production), "
        "always, or never",
    )
    bank_transfer_account: str | None = setting(
        None,
        "BANK_TRANSFER_ACCOUNT",
        "where people pay who pay by bank transfer, as they are told; without it they cannot",
    )
    payment_checks: str = setting(
        "300,3600,86400,86400,86400,86400,86400",
        "PAYMENT_CHECKS",
        "seconds to wait before each question to a gateway that did not tell what became of a payment; after "
        "the last one staff is told",
    )
