"""Every setting of an installation: what each means, what it may be, and where it is read from."""

from multiproduct.settings.declaring import PREFIX
from multiproduct.settings.model import Settings
from multiproduct.settings.running import DEVELOPMENT_SECRET, Environment
from multiproduct.settings.variables import UnknownVariable, known_variables, unknown_variables

__all__ = [
    "DEVELOPMENT_SECRET",
    "PREFIX",
    "Environment",
    "Settings",
    "UnknownVariable",
    "known_variables",
    "unknown_variables",
]
