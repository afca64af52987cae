"""What somebody wants to hear of: choices about types, categories and channels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Channel(StrEnum):
    """How a notification travels."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class Category(StrEnum):
    """What a notification is about, as people choose what they want to hear of."""

    ACCOUNT = "account"
    SECURITY = "security"
    BILLING = "billing"
    OFFERS = "offers"


class Breadth(StrEnum):
    """How much a choice is about, the narrowest first: the narrower one wins."""

    TYPE_CHANNEL = "type_channel"
    TYPE = "type"
    CATEGORY = "category"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a choice is about: a type over one channel, a type, a category, or a channel. Raises ValueError
    for any other combination."""

    type_key: str | None = None
    category: Category | None = None
    channel: Channel | None = None

    def __post_init__(self) -> None:
        named = (self.type_key is not None, self.category is not None, self.channel is not None)
        if named not in _BREADTHS:
            raise ValueError("a choice is about a type, a type over a channel, a category, or a channel")

    @property
    def breadth(self) -> Breadth:
        """How much it is about."""
        return _BREADTHS[(self.type_key is not None, self.category is not None, self.channel is not None)]


_BREADTHS = {
    (True, False, True): Breadth.TYPE_CHANNEL,
    (True, False, False): Breadth.TYPE,
    (False, True, False): Breadth.CATEGORY,
    (False, False, True): Breadth.CHANNEL,
}


def targets_of(type_key: str, category: Category, channel: Channel) -> tuple[Target, ...]:
    """Every target that a notification of this type over this channel falls under, the narrowest first."""
    return (
        Target(type_key=type_key, channel=channel),
        Target(type_key=type_key),
        Target(category=category),
        Target(channel=channel),
    )


class Choices:
    """Explicit choices, at most one about each target."""

    def __init__(self, chosen: Mapping[Target, bool] | Iterable[tuple[Target, bool]] = ()) -> None:
        self._chosen = MappingProxyType(dict(chosen))

    @property
    def chosen(self) -> Mapping[Target, bool]:
        """All of them."""
        return self._chosen

    def narrowest(self, type_key: str, category: Category, channel: Channel) -> tuple[Breadth, bool] | None:
        """The narrowest choice that a notification falls under, or None where nothing was chosen."""
        for target in targets_of(type_key, category, channel):
            value = self._chosen.get(target)
            if value is not None:
                return target.breadth, value
        return None
