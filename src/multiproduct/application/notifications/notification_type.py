"""What a type of notification is: what it is about, how it travels, and what it takes to word it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from multiproduct.domain.notifications.preference import Category, Channel
from multiproduct.domain.notifications.resolution import Question

ADDRESSED = (Channel.EMAIL, Channel.SMS)
"""What types with secrets travel by: to an address, and into no list."""
KNOWN = (Channel.IN_APP, Channel.EMAIL, Channel.PUSH)
"""What mandatory types travel by."""
EVERY = (Channel.IN_APP, Channel.EMAIL, Channel.SMS, Channel.PUSH)
"""What people choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationType:
    """One type, by a key that never changes.

    `channels` are those that it may travel by, in the order in which they are tried; those in `asked_for` are
    off unless somebody switches them on. A mandatory type goes out whatever people chose, at once; a
    commercial one is no mail to who unsubscribed. `params` are needed, `optional` ones may be left out,
    `links` are those that must be http(s) addresses, `lines` those of more than one line, `choices` name the
    only values of a parameter that there is wording for. `secrets` let somebody in or stop something: with
    one of these a notification is handed to an address and written down nowhere.

    Raises ValueError for a type that is mandatory and commercial, or that needs a secret and travels by more
    than addresses.
    """

    key: str
    category: Category
    params: frozenset[str]
    channels: tuple[Channel, ...] = EVERY
    asked_for: frozenset[Channel] = frozenset({Channel.SMS})
    is_mandatory: bool = False
    is_commercial: bool = False
    optional: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.is_mandatory and self.is_commercial:
            raise ValueError(f"{self.key} cannot be mandatory and commercial")
        if self.secrets & self.params and not set(self.channels) <= set(ADDRESSED):
            raise ValueError(f"{self.key} holds a secret, which goes into no list and to no push service")

    def asks(self, channel: Channel) -> Question:
        """The question whether it goes out over one of its channels."""
        return Question(
            type_key=self.key,
            category=self.category,
            channel=channel,
            is_mandatory=self.is_mandatory,
            is_commercial=self.is_commercial,
            is_on_by_default=channel not in self.asked_for,
        )

    def check(self, params: Mapping[str, str | int]) -> None:
        """Raises ValueError, naming parameters but never values, where these do not fit the type."""
        missing = self.params - params.keys()
        unknown = params.keys() - self.params - self.optional
        unworded = {name for name, values in self.choices.items() if params.get(name) not in values}
        unsafe = {name for name in self.links & params.keys() if not _is_web_address(params[name])}
        if missing or unknown or unworded or unsafe:
            raise ValueError(
                f"parameters of {self.key}: missing {sorted(missing)}, unknown {sorted(unknown)}, "
                f"without wording {sorted(unworded)}, not a web address {sorted(unsafe)}"
            )

    def check_tellable(self, params: Mapping[str, str | int]) -> None:
        """Raises ValueError where a secret is among the parameters, besides what `check` does."""
        self.check(params)
        if found := self.secrets & params.keys():
            raise ValueError(f"{self.key} is not to be kept with its secrets {sorted(found)}")


def _is_web_address(value: str | int) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and value.isprintable()
