"""The environment variables that the project knows, and those that are probably slips of the pen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_settings import DotEnvSettingsSource

from multiproduct.settings.declaring import PREFIX
from multiproduct.settings.model import Settings

OTHER_VARIABLES = frozenset({"MULTIPRODUCT_PROOF", "MULTIPRODUCT_SERVER_PID", "MULTIPRODUCT_SERVER_WORKERS"})
"""Names that begin like a setting's and are none: a switch of the tests, and what a server tells workers."""


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """A variable that begins like a setting's but is none. `nearest` is the setting that may be meant."""

    name: str
    nearest: str | None

    def __str__(self) -> str:
        meant = (
            f"did you mean {self.nearest}?" if self.nearest else "multiproduct check-config lists them all"
        )
        return f"{self.name} is not a setting and has no effect; {meant}"


def known_variables() -> frozenset[str]:
    """The variables of all settings, and those that name a file to read one from."""
    own = {PREFIX + name.upper() for name in Settings.model_fields}
    return frozenset({*own, *(f"{name}_FILE" for name in own), *OTHER_VARIABLES})


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[UnknownVariable]:
    """What the environment (by default that of this process, with `.env`) holds under our prefix and no
    setting reads. Letter case does not count, as it does not for settings."""
    if environment is None:
        environment = {**DotEnvSettingsSource(Settings).env_vars, **os.environ}  # type: ignore[dict-item] # only names count
    known = known_variables()
    found = sorted({name.upper() for name in environment if name.upper().startswith(PREFIX)} - known)
    return [UnknownVariable(name, _nearest(name, known)) for name in found]


def _nearest(name: str, known: frozenset[str]) -> str | None:
    # Without the prefix, which all have in common and which would make everything alike.
    endings = [each.removeprefix(PREFIX) for each in known - OTHER_VARIABLES]
    close = get_close_matches(name.removeprefix(PREFIX), endings, n=1, cutoff=0.6)
    return PREFIX + close[0] if close else None
