"""The `Peppers` port: every secret an installation needs, derived from the few that it is given."""

import hashlib
import hmac
from collections.abc import Sequence


class DerivedSecrets:
    """HKDF-SHA-256 (RFC 5869) over each master secret, with the use as its info, so that a secret for one use
    tells nothing about another. Key ids are the first 8 hexadecimal digits of a digest of the master
    secret."""

    def __init__(self, *, masters: Sequence[str]) -> None:
        """`masters`: the present secret first, then those under which old codes and tokens stay good."""
        if not masters or not masters[0]:
            raise ValueError("at least one secret is needed")
        self._extracted = {
            key_id(master): hmac.new(b"multiproduct/v1", master.encode(), hashlib.sha256).digest()
            for master in masters
        }
        self._current_id = key_id(masters[0])

    @property
    def current_id(self) -> str:
        """See the port."""
        return self._current_id

    @property
    def ids(self) -> list[str]:
        """Every key id, the current first."""
        return [self._current_id, *(known for known in self._extracted if known != self._current_id)]

    def secret(self, key_id: str, label: str) -> bytes | None:
        """See the port."""
        extracted = self._extracted.get(key_id)
        if extracted is None:
            return None
        return hmac.new(extracted, label.encode() + b"\x01", hashlib.sha256).digest()

    def current(self, label: str) -> bytes:
        """The current secret for one use."""
        secret = self.secret(self._current_id, label)
        if secret is None:
            raise LookupError(label)
        return secret

    def older(self, label: str) -> list[bytes]:
        """The other secrets for one use that are still good, the newest first."""
        found = (self.secret(known, label) for known in self.ids[1:])
        return [secret for secret in found if secret is not None]


def key_id(master: str) -> str:
    """A short public name of a secret."""
    return hashlib.sha256(b"multiproduct/kid" + master.encode()).hexdigest()[:8]
