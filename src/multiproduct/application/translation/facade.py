"""What translation offers to everybody above it."""

from dataclasses import dataclass

from multiproduct.application.translation.glossary_keeping import GlossaryKeeping
from multiproduct.application.translation.human_keeping import HumanKeeping
from multiproduct.application.translation.translating import Translating


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Translating results on their way out, and deciding how that is done."""

    translating: Translating
    texts: HumanKeeping
    glossary: GlossaryKeeping
