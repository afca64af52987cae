"""Personal data, wherever they are kept: what is handed out, and who may say that they cannot go yet."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import ErasureRefused

MOST_RECORDS = 1_000
"""Of one kind in one export: the newest ones."""


class PersonalDataSource(Protocol):
    """One context's part of what is kept about a person. Contexts above identity register theirs."""

    @property
    def name(self) -> str:
        """The field of the export under which the part stands."""
        ...

    async def export(self, view: Any, user_id: UUID) -> Any:
        """What is kept, as JSON values, at most MOST_RECORDS of each kind. `view` is a unit that reads; a
        source declares the slice it needs. Never a secret: no hash, no key, no code, no token."""
        ...


class ErasureVeto(Protocol):
    """A context's word on whether somebody can be erased. Contexts above identity register theirs."""

    async def objection(self, unit: Any, user_id: UUID) -> str | None:
        """Why not yet, as a stable word such as `open_invoices`; None where nothing speaks against it."""
        ...

    async def keeps_username(self, unit: Any, user_id: UUID) -> bool:
        """Whether something was sold under the user name, so that nobody else may ever have it."""
        ...


class LastAccount(Protocol):
    """What a context still has to settle with somebody who is being erased: the account and all of its
    details are there for the last time. Contexts above identity register theirs."""

    async def settle(self, unit: Any, user_id: UUID) -> None:
        """A step, in the transaction that erases the person, after nobody had an objection."""
        ...


class PersonalDataRegistry:
    """The sources and vetoes of all contexts. Filled when an installation is put together."""

    def __init__(self) -> None:
        self._sources: dict[str, PersonalDataSource] = {}
        self._vetoes: list[ErasureVeto] = []
        self._last_accounts: list[LastAccount] = []

    def add_source(self, source: PersonalDataSource) -> None:
        """Adds a part of the export. Raises ValueError where two have one name."""
        if source.name in self._sources:
            raise ValueError(f"two sources of personal data are called {source.name}")
        self._sources[source.name] = source

    def add_veto(self, veto: ErasureVeto) -> None:
        """Adds a word on erasures."""
        self._vetoes.append(veto)

    def add_last_account(self, last_account: LastAccount) -> None:
        """Adds what is settled before somebody is erased."""
        self._last_accounts.append(last_account)

    async def settle(self, unit: IdentityUnit, user_id: UUID) -> None:
        """Settles what every context still has to settle with somebody."""
        for each in self._last_accounts:
            await each.settle(unit, user_id)

    async def export(self, view: IdentityUnit, user_id: UUID) -> Mapping[str, Any]:
        """Every part, by its name."""
        return {name: await source.export(view, user_id) for name, source in self._sources.items()}

    async def refuse_if_needed(self, unit: IdentityUnit, user_id: UUID) -> None:
        """Raises ErasureRefused with the first objection."""
        for veto in self._vetoes:
            reason = await veto.objection(unit, user_id)
            if reason is not None:
                raise ErasureRefused(reason=reason)

    async def keeps_username(self, unit: IdentityUnit, user_id: UUID) -> bool:
        """Whether any context needs the name to stay that person's for ever."""
        return any([await veto.keeps_username(unit, user_id) for veto in self._vetoes])

    @property
    def names(self) -> Sequence[str]:
        """The parts of an export."""
        return tuple(self._sources)
