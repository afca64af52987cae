"""Encryption at rest keeps the port's promises."""

import pytest

from multiproduct.adapters.contracts.sealing import SealingContract, SealingUnder
from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.stdlib import DerivedSecrets


class TestAesGcmSealing(SealingContract):
    @pytest.fixture
    def sealing_under(self) -> SealingUnder:
        return lambda masters: AesGcmSealing(peppers=DerivedSecrets(masters=masters))


def test_the_head_names_the_version_and_the_key() -> None:
    secrets = DerivedSecrets(masters=["present"])
    sealed = AesGcmSealing(peppers=secrets).seal(b"secret", purpose="p")
    assert sealed[:5].hex() == "01" + secrets.current_id
    assert len(sealed) == 1 + 4 + 12 + len(b"secret") + 16
