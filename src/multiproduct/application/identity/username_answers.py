"""Working out the answer to a user name check, where no cache has it."""

from collections.abc import Mapping, Sequence

from multiproduct.application.caching import ReadThrough
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Availability
from multiproduct.application.ports.clock import Clock
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

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def load(self, keys: Sequence[str]) -> Mapping[str, bool]:
        """Whether each of the canonical keys cannot be had: two queries for at most 100."""
        taken: set[str] = set()
        for start in range(0, len(keys), _MOST_NAMES):
            taken |= await self.taken(keys[start : start + _MOST_NAMES])
        return {key: key in taken for key in keys}

    async def taken(self, names: Sequence[str]) -> frozenset[str]:
        """Those of the canonical keys that somebody has, or gave up too short a while ago."""
        async with self._units.view(SYSTEM) as view:
            given_up = await view.username_tombstones.standing(names, now=self._clock.now())
            return given_up | await view.users.usernames_taken(names)


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
        """Answers by canonical key. One look at what is taken serves all of them, and one more all their
        suggestions."""
        return await self._answers(keys)

    async def work_out(self, text: str) -> Availability:
        """The answer for a name as it was typed."""
        return (await self._answers([text]))[text]

    async def suggest(self, wanted: str) -> list[str]:
        """Free names like the wanted one."""
        return (await self._suggestions([wanted]))[wanted]

    async def _answers(self, texts: Sequence[str]) -> dict[str, Availability]:
        judged = {text: self._judge(text) for text in texts}
        taken = await self._taken.get_many([name.key for name, _ in judged.values() if name is not None])
        reasons = {
            text: "username_taken" if name is not None and taken.get(name.key) else reason
            for text, (name, reason) in judged.items()
        }
        suggestions = await self._suggestions([text for text, reason in reasons.items() if reason])
        return {
            text: Availability(
                username=text,
                available=reason is None,
                reason=reason,
                suggestions=suggestions.get(text, []),
            )
            for text, reason in reasons.items()
        }

    def _judge(self, text: str) -> tuple[Username | None, str | None]:
        """The user name, or why the text cannot be one."""
        try:
            return Username.parse(text, self._policy), None
        except InvalidInput as error:
            return None, error.problems[0].code

    async def _suggestions(self, wanted: Sequence[str]) -> dict[str, list[str]]:
        """Free names like each of the wanted ones, found by one look over all candidates. For those whose
        candidates are nearly all taken, further ones are drawn, twice at most."""
        free: dict[str, dict[str, None]] = {text: {} for text in wanted}
        for is_drawn in (False, True, True):
            lacking = [text for text, names in free.items() if len(names) < LEAST_SUGGESTIONS]
            wished = {
                text: candidates(text, policy=self._policy, noise=self._noise() if is_drawn else ())
                for text in lacking
            }
            keys = {name: canonical_key(name) for names in wished.values() for name in names}
            taken = await self._index.load(list(dict.fromkeys(keys.values())))
            for text, names in wished.items():
                free[text] |= dict.fromkeys(name for name in names if not taken[keys[name]])
        return {text: list(names)[:MAX_SUGGESTIONS] for text, names in free.items()}

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
