"""Working out the answer to a user name check, where no cache has it."""

from collections.abc import Mapping, Sequence

from multiproduct.application.caching import ReadThrough
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Availability
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import Username
from multiproduct.domain.identity.username_suggestions import candidates
from multiproduct.domain.identity.usernames import DEFAULT_POLICY, UsernamePolicy, canonical_key
from multiproduct.domain.shared import InvalidInput

LEAST_SUGGESTIONS, MAX_SUGGESTIONS = 4, 6
_NOISE_BYTES = 24
_MOST_NAMES = 100
ANSWERS, TAKEN = "username", "username_taken"
"""The names of the two caches."""


class UsernameIndex:
    """Asks the unique index, which alone knows who has which name."""

    def __init__(self, *, units: Units[IdentityUnit]) -> None:
        self._units = units

    async def load(self, keys: Sequence[str]) -> Mapping[str, bool]:
        """Whether somebody has each of the canonical keys: one query for at most 100."""
        taken: set[str] = set()
        for start in range(0, len(keys), _MOST_NAMES):
            taken |= await self.taken(keys[start : start + _MOST_NAMES])
        return {key: key in taken for key in keys}

    async def taken(self, names: Sequence[str]) -> frozenset[str]:
        """Those of the canonical keys that somebody has."""
        async with self._units.view(SYSTEM) as view:
            return await view.users.usernames_taken(names)


class UsernameAnswers:
    """Rules first, then what is taken, then free names like the wanted one."""

    def __init__(
        self,
        *,
        index: UsernameIndex,
        taken: ReadThrough[bool],
        randomness: Randomness,
        policy: UsernamePolicy = DEFAULT_POLICY,
    ) -> None:
        self._index = index
        self._taken = taken
        self._randomness = randomness
        self._policy = policy

    async def load(self, keys: Sequence[str]) -> Mapping[str, Availability]:
        """Answers by canonical key."""
        return {key: await self.work_out(key) for key in keys}

    async def work_out(self, text: str) -> Availability:
        """The answer for a name as it was typed."""
        try:
            username = Username.parse(text, self._policy)
        except InvalidInput as error:
            reason: str | None = error.problems[0].code
        else:
            is_taken = await self._taken.get(username.key)
            reason = "username_taken" if is_taken else None
        suggestions = await self.suggest(text) if reason else []
        return Availability(username=text, available=reason is None, reason=reason, suggestions=suggestions)

    async def suggest(self, wanted: str) -> list[str]:
        """Free names like the wanted one, found by one query over all candidates. For a name whose candidates
        are nearly all taken, further ones are drawn, twice at most."""
        free: dict[str, None] = {}
        for noise in ((), self._noise(), self._noise()):
            wished = candidates(wanted, policy=self._policy, noise=noise)
            taken = await self._index.taken([canonical_key(name) for name in wished])
            free |= dict.fromkeys(name for name in wished if canonical_key(name) not in taken)
            if len(free) >= LEAST_SUGGESTIONS:
                break
        return list(free)[:MAX_SUGGESTIONS]

    def _noise(self) -> list[int]:
        """Numbers that nobody was offered before."""
        raw = self._randomness.bytes(_NOISE_BYTES)
        return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, _NOISE_BYTES, 2)]


class FlagCodec:
    """Taken or free, as one byte."""

    def encode(self, value: bool) -> bytes:  # noqa: FBT001 - the value itself
        """One digit."""
        return b"1" if value else b"0"

    def decode(self, data: bytes) -> bool:
        """Raises ValueError."""
        return bool(int(data))


class AvailabilityCodec:
    """Answers as JSON."""

    def encode(self, value: Availability) -> bytes:
        """JSON."""
        return value.model_dump_json().encode()

    def decode(self, data: bytes) -> Availability:
        """Raises ValueError."""
        return Availability.model_validate_json(data)
