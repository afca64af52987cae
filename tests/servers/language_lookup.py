"""Language lookup by libraries of npm: `bcp-47-match` (RFC 4647) in the order that `negotiator`
(Accept-Language) gives."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.servers import npm

MATCH_VERSION, NEGOTIATOR_VERSION = "2.0.3", "1.0.0"
_SCRIPT = Path(__file__).with_name("language_lookup.mjs")


def looked_up(asked: Sequence[tuple[str, Sequence[str]]]) -> list[str | None]:
    """For each header the one of the locales that RFC 4647 finds, None where it finds none. Raises
    ServerUnavailableError."""
    folder = npm.installed(
        f"language-lookup-{MATCH_VERSION}-{NEGOTIATOR_VERSION}",
        [f"bcp-47-match@{MATCH_VERSION}", f"negotiator@{NEGOTIATOR_VERSION}"],
    )
    lines = (json.dumps({"header": header, "locales": list(locales)}) for header, locales in asked)
    return [json.loads(line) for line in npm.run_script(_SCRIPT, folder, lines)]
