"""Whether a notification goes out over a channel: the first layer with an explicit word decides."""

from dataclasses import dataclass, field
from enum import StrEnum

from multiproduct.domain.notifications.preference import Breadth, Category, Channel, Choices


class Layer(StrEnum):
    """Who may have the word, in the order in which they are asked."""

    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    MANDATORY = "mandatory"
    FORCED = "forced_by_house"
    USER_TYPE_CHANNEL = "user_type_channel"
    USER_TYPE = "user_type"
    USER_CATEGORY = "user_category"
    USER_CHANNEL = "user_channel"
    HOUSE_DEFAULT = "house_default"
    TYPE_DEFAULT = "type_default"


_USER_LAYERS = {
    Breadth.TYPE_CHANNEL: Layer.USER_TYPE_CHANNEL,
    Breadth.TYPE: Layer.USER_TYPE,
    Breadth.CATEGORY: Layer.USER_CATEGORY,
    Breadth.CHANNEL: Layer.USER_CHANNEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A notification over one channel, with what its type says of itself."""

    type_key: str
    category: Category
    channel: Channel
    is_mandatory: bool = False
    is_commercial: bool = False
    is_on_by_default: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePolicy:
    """What the installation decides: `forced` overrules what people chose, `defaults` stand where they chose
    nothing."""

    forced: Choices = field(default_factory=Choices)
    defaults: Choices = field(default_factory=Choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of the recipient: whether the address over this channel is suppressed, whether they want
    no commercial mail, and what they chose."""

    is_suppressed: bool = False
    is_unsubscribed: bool = False
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it goes out, and which layer said so."""

    is_on: bool
    layer: Layer


def resolve(question: Question, standing: Standing, house: HousePolicy) -> Decision:
    """The first explicit value wins, in the order of `Layer`. Unsubscribing is a veto on commercial mail: no
    layer after it can bring it back, though the house may force everything else. Within the house's choices
    the narrowest wins, as within the user's."""
    if (ruled := _ruled(question, standing)) is not None:
        return ruled
    asked = (question.type_key, question.category, question.channel)
    if (forced := house.forced.narrowest(*asked)) is not None:
        return Decision(forced[1], Layer.FORCED)
    if (chosen := standing.choices.narrowest(*asked)) is not None:
        return Decision(chosen[1], _USER_LAYERS[chosen[0]])
    if (usual := house.defaults.narrowest(*asked)) is not None:
        return Decision(usual[1], Layer.HOUSE_DEFAULT)
    return Decision(question.is_on_by_default, Layer.TYPE_DEFAULT)


def _ruled(question: Question, standing: Standing) -> Decision | None:
    """What is not for anybody to choose."""
    if standing.is_suppressed:
        return Decision(is_on=False, layer=Layer.SUPPRESSED)
    if question.is_commercial and question.channel is Channel.EMAIL and standing.is_unsubscribed:
        return Decision(is_on=False, layer=Layer.UNSUBSCRIBED)
    return Decision(is_on=True, layer=Layer.MANDATORY) if question.is_mandatory else None
