"""The `standardwebhooks` library of npm."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers import npm

VERSION = "1.1.1"
_SCRIPT = Path(__file__).with_name("standard_webhooks.mjs")


def verdicts(calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the library says of each call (`secret`, `body`, `headers`): `payload`, or why it is `refused`.
    Raises ServerUnavailableError."""
    folder = npm.installed(f"standardwebhooks-{VERSION}", [f"standardwebhooks@{VERSION}"])
    return [json.loads(line) for line in npm.run_script(_SCRIPT, folder, map(json.dumps, calls))]
