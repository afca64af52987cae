"""Which gateways the settings name, and when gateways are asked."""

import pytest
from pydantic import ValidationError

from multiproduct.bootstrap import build
from multiproduct.settings import Settings

PRODUCTION = {
    "environment": "production",
    "secret_key": "a secret of at least thirty-two characters",
    "smtp_url": "smtp://127.0.0.1:25",
}


def _gateways(**given: object) -> list[str]:
    settings = Settings(database_url="memory://", **given)  # type: ignore[arg-type]
    return list(build(settings).payments.gateways.names)


def test_the_sandbox_is_there_in_development_and_not_in_production() -> None:
    assert _gateways() == ["STARK_PAY"]
    assert _gateways(sandbox_gateway="never") == []
    assert _gateways(**PRODUCTION) == []
    assert _gateways(**PRODUCTION, sandbox_gateway="always") == ["STARK_PAY"]


def test_bank_transfers_need_an_account_to_pay_to() -> None:
    assert _gateways(bank_transfer_account="A bank, 12345") == ["BANK_TRANSFER", "STARK_PAY"]


@pytest.mark.parametrize("pauses", ["0", "-1", "1.5", "a", "1,,2", "7776001", ",".join(["1"] * 21)])
def test_pauses_that_are_none_are_refused(pauses: str) -> None:
    with pytest.raises(ValidationError):
        Settings(payment_checks=pauses)


def test_pauses_are_whole_seconds() -> None:
    assert Settings(payment_checks="1, 60,86400").check_pauses == [1, 60, 86_400]
