"""The `PasskeyCeremonies` port. Nothing is imported of the library before it is needed."""

from collections.abc import Mapping, Sequence
from typing import Any

from multiproduct.application.identity.passkey_ports import NewCredential
from multiproduct.domain.identity import Assertion, Passkey, User


class LibraryPasskeyCeremonies:
    """One relying party, and the origins at which browsers and applications may speak to it."""

    def __init__(self, *, rp_id: str, rp_name: str, origins: Sequence[str]) -> None:
        """`rp_id` is a host name. `origins` are `https://host` or `https://host:port`, or what the platform
        of an application uses in their place."""
        self._rp_id = rp_id
        self._rp_name = rp_name
        self._origins = list(origins)

    @property
    def audience(self) -> str:
        """See the port."""
        return self._rp_id

    def creation_options(
        self, *, challenge: bytes, user: User, existing: Sequence[Passkey]
    ) -> dict[str, Any]:
        """See the port."""
        from multiproduct.adapters.webauthn import offering  # noqa: PLC0415 - only where it is used

        return offering.creation_options(
            rp_id=self._rp_id, rp_name=self._rp_name, challenge=challenge, user=user, existing=existing
        )

    def request_options(
        self, *, challenge: bytes, allowed: Sequence[Passkey], needs_verification: bool
    ) -> dict[str, Any]:
        """See the port."""
        from multiproduct.adapters.webauthn import offering  # noqa: PLC0415 - only where it is used

        return offering.request_options(
            rp_id=self._rp_id, challenge=challenge, allowed=allowed, needs_verification=needs_verification
        )

    def created(self, credential: Mapping[str, Any], *, challenge: bytes) -> NewCredential | None:
        """See the port."""
        from multiproduct.adapters.webauthn import judging  # noqa: PLC0415 - only where it is used

        return judging.created(credential, challenge=challenge, rp_id=self._rp_id, origins=self._origins)

    def credential_id(self, credential: Mapping[str, Any]) -> bytes | None:
        """See the port."""
        from multiproduct.adapters.webauthn import judging  # noqa: PLC0415 - only where it is used

        return judging.credential_id(credential)

    def asserted(
        self, credential: Mapping[str, Any], *, challenge: bytes, public_key: bytes | None
    ) -> Assertion | None:
        """See the port."""
        from multiproduct.adapters.webauthn import judging  # noqa: PLC0415 - only where it is used

        return judging.asserted(
            credential,
            challenge=challenge,
            public_key=public_key,
            rp_id=self._rp_id,
            origins=self._origins,
        )
