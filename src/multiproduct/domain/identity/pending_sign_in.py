"""A sign-in that waits for its second factor."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.domain.identity.linking import ForeignIdentity
from multiproduct.domain.identity.second_factor_events import SecondFactorAsked
from multiproduct.domain.shared import Aggregate

LIFETIME = timedelta(minutes=5)
MAX_ATTEMPTS = 5


@dataclass(slots=True, kw_only=True)
class PendingSignIn(Aggregate):
    """The first factor was right: `methods` say which it was. Nobody is signed in yet.

    `credential_mark` tells whether the password is still the one of the first step, `device_key_id` which
    device key the first step was done with, if any, and `to_be_linked` the account at a provider that it
    proved and that is linked once the second factor is shown. The token that continues the sign-in is
    derived from the id under the secret `key_id` and not stored.
    """

    id: UUID
    user_id: UUID
    key_id: str
    methods: tuple[str, ...]
    credential_mark: str
    created_at: datetime
    expires_at: datetime
    device_key_id: UUID | None = None
    to_be_linked: ForeignIdentity | None = field(default=None, repr=False)
    attempts: int = 0
    completed_at: datetime | None = None

    @classmethod
    def begin(
        cls,
        *,
        id: UUID,
        user_id: UUID,
        key_id: str,
        methods: tuple[str, ...],
        credential_mark: str,
        now: datetime,
        device_key_id: UUID | None = None,
        to_be_linked: ForeignIdentity | None = None,
    ) -> "PendingSignIn":
        """A fresh one: 5 minutes and 5 attempts."""
        pending = cls(
            id=id,
            user_id=user_id,
            key_id=key_id,
            methods=methods,
            credential_mark=credential_mark,
            created_at=now,
            expires_at=now + LIFETIME,
            device_key_id=device_key_id,
            to_be_linked=to_be_linked,
        )
        pending._record(SecondFactorAsked(occurred_at=now, sign_in_id=id, user_id=user_id, methods=methods))
        return pending

    def is_live(self, *, now: datetime) -> bool:
        """Whether an attempt would be looked at. The lifetime is half-open: at `expires_at` it is over."""
        return self.completed_at is None and self.attempts < MAX_ATTEMPTS and now < self.expires_at
