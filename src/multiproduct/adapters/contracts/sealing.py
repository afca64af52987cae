"""What every sealing must do."""

from collections.abc import Callable, Sequence

import pytest

from multiproduct.application.ports.sealing import Sealing

SealingUnder = Callable[[Sequence[str]], Sealing]
"""A sealing under these master secrets, the present one first."""

_SECRET = b"a secret that nobody may read \x00\xff"
_PURPOSE = "identity.totp|user-1|factor-1"


class SealingContract:
    """Needs the fixture `sealing_under` (see SealingUnder)."""

    @pytest.fixture
    def sealing_under(self) -> SealingUnder:
        raise NotImplementedError

    @pytest.mark.parametrize("secret", [b"", b"x", _SECRET, bytes(range(256)) * 64])
    def test_what_was_sealed_opens(self, sealing_under: SealingUnder, secret: bytes) -> None:
        sealing = sealing_under(["present"])
        assert sealing.open(sealing.seal(secret, purpose=_PURPOSE), purpose=_PURPOSE) == secret

    def test_a_sealing_shows_nothing_of_the_secret(self, sealing_under: SealingUnder) -> None:
        assert _SECRET not in sealing_under(["present"]).seal(_SECRET, purpose=_PURPOSE)

    def test_no_two_sealings_of_one_secret_are_the_same(self, sealing_under: SealingUnder) -> None:
        sealing = sealing_under(["present"])
        assert len({sealing.seal(_SECRET, purpose=_PURPOSE) for _ in range(100)}) == 100

    @pytest.mark.parametrize("purpose", ["", "identity.totp|user-1|factor-2", _PURPOSE + "x"])
    def test_what_was_sealed_for_another_purpose_does_not_open(
        self, sealing_under: SealingUnder, purpose: str
    ) -> None:
        sealing = sealing_under(["present"])
        assert sealing.open(sealing.seal(_SECRET, purpose=_PURPOSE), purpose=purpose) is None

    def test_nothing_that_was_changed_opens(self, sealing_under: SealingUnder) -> None:
        sealing = sealing_under(["present", "older"])
        sealed = sealing.seal(_SECRET, purpose=_PURPOSE)
        for place in range(len(sealed)):
            changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            assert sealing.open(changed, purpose=_PURPOSE) is None
        for length in range(len(sealed)):
            assert sealing.open(sealed[:length], purpose=_PURPOSE) is None
        assert sealing.open(sealed + b"x", purpose=_PURPOSE) is None

    def test_a_sealing_under_an_older_secret_opens_and_is_not_current(
        self, sealing_under: SealingUnder
    ) -> None:
        sealed = sealing_under(["older"]).seal(_SECRET, purpose=_PURPOSE)
        rotated = sealing_under(["present", "older"])
        assert rotated.open(sealed, purpose=_PURPOSE) == _SECRET
        assert not rotated.is_current(sealed)

    def test_sealed_anew_it_is_current_and_outlives_the_older_secret(
        self, sealing_under: SealingUnder
    ) -> None:
        sealed = sealing_under(["older"]).seal(_SECRET, purpose=_PURPOSE)
        rotated = sealing_under(["present", "older"])
        secret = rotated.open(sealed, purpose=_PURPOSE)
        assert secret is not None
        anew = rotated.seal(secret, purpose=_PURPOSE)
        assert rotated.is_current(anew)
        retired = sealing_under(["present"])
        assert retired.open(anew, purpose=_PURPOSE) == _SECRET
        assert retired.open(sealed, purpose=_PURPOSE) is None

    def test_what_is_no_sealing_is_not_current(self, sealing_under: SealingUnder) -> None:
        assert not sealing_under(["present"]).is_current(b"")
        assert not sealing_under(["present"]).is_current(b"anything else that is long enough to be one")
