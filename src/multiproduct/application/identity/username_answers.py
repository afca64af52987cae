"""Working out the answer to a user name check, where no cache has it."""

from collections.abc import Mapping, Sequence

from multiproduct.application.caching import ReadThrough
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Availability
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import Username
from multiproduct.domain.identity.username_suggestions import candidates
from multiproduct.domain.identity.usernames import DEFAULT_POLICY, UsernamePolicy, canonical_key
from multiproduct.domain.shared import InvalidInput

MAX_SUGGESTIONS = 6
KEY_PREFIX = "username:"


class UsernameIndex:
    """Asks the unique index, which alone knows who has which name."""

    def __init__(self, *, units: Units[IdentityUnit]) -> None:
        self._units = units

    async def load(self, keys: Sequence[str]) -> Mapping[str, bool]:
        """Which names somebody has, by cache key: one query for all."""
        names = [key.removeprefix(KEY_PREFIX) for key in keys]
        taken = await self.taken(names)
        return {KEY_PREFIX + name: name in taken for name in names}

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
        policy: UsernamePolicy = DEFAULT_POLICY,
    ) -> None:
        self._index = index
        self._taken = taken
        self._policy = policy

    async def load(self, keys: Sequence[str]) -> Mapping[str, Availability]:
        """Answers by cache key."""
        return {key: await self.work_out(key.removeprefix(KEY_PREFIX)) for key in keys}

    async def work_out(self, text: str) -> Availability:
        """The answer for a name as it was typed."""
        try:
            username = Username.parse(text, self._policy)
        except InvalidInput as error:
            reason: str | None = error.problems[0].code
        else:
            is_taken = await self._taken.get(KEY_PREFIX + username.key)
            reason = "username_taken" if is_taken else None
        suggestions = await self.suggest(text) if reason else []
        return Availability(username=text, available=reason is None, reason=reason, suggestions=suggestions)

    async def suggest(self, wanted: str) -> list[str]:
        """Free names like the wanted one, found by one query over all candidates."""
        wished = candidates(wanted, policy=self._policy)
        taken = await self._index.taken([canonical_key(name) for name in wished])
        return [name for name in wished if canonical_key(name) not in taken][:MAX_SUGGESTIONS]
