"""A gateway that is not there: deterministic, scriptable, and with books of its own."""

from multiproduct.adapters.sandbox.gateway import NAME, SandboxGateway
from multiproduct.adapters.sandbox.internal import InternalSandbox
from multiproduct.adapters.sandbox.scripts import MAGIC_AMOUNTS, SCRIPTS, Script, drawn

__all__ = ["MAGIC_AMOUNTS", "NAME", "SCRIPTS", "InternalSandbox", "SandboxGateway", "Script", "drawn"]
