"""Putting previews of notifications together."""

from typing import TYPE_CHECKING

from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.application.notifications.previewing import Previewing

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def previewing_of(assembly: "Assembly") -> Previewing:
    """What people would be told, in the words and the brand of this installation."""
    return Previewing(
        renderer=assembly.renderer,
        translator=assembly.translator,
        figures=BabelFigures(translator=assembly.translator),
        links=assembly.links,
    )
