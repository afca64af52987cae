"""Signing the head of the chain, and judging whether it was signed here."""

from datetime import datetime

from multiproduct.application.audit.ports import ChainKeys
from multiproduct.domain.audit import ChainHead, HeadStanding, Mark

_LABEL = "audit-head/v1"


class HeadSigning:
    """Signs under the current secret. Heads under retired ones stay good as long as these are known. `label`
    is of the chain: the head of one is never that of another."""

    def __init__(self, *, keys: ChainKeys, label: str = _LABEL) -> None:
        self._keys = keys
        self._label = label

    def sign(self, mark: Mark, *, now: datetime) -> ChainHead:
        """The head at a mark."""
        key_id = self._keys.current_id
        secret = self._keys.secret(key_id, self._label)
        if secret is None:
            raise LookupError(key_id)
        return ChainHead.sign(mark, key_id=key_id, secret=secret, now=now)

    def standing(self, head: ChainHead | None) -> HeadStanding:
        """What the signature is worth."""
        if head is None:
            return HeadStanding.MISSING
        secret = self._keys.secret(head.key_id, self._label)
        if secret is None:
            return HeadStanding.KEY_UNKNOWN
        return HeadStanding.GENUINE if head.is_signed_with(secret) else HeadStanding.FORGED

    def is_current(self, head: ChainHead) -> bool:
        """Whether it was signed under the current secret."""
        return head.key_id == self._keys.current_id
