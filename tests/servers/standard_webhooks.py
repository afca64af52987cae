"""The `standardwebhooks` library of npm, installed into a cache outside of the source tree."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers.recipes import ServerUnavailableError

VERSION = "1.1.1"
_INSTALL_WITHIN_SECONDS = 180
_SCRIPT = Path(__file__).with_name("standard_webhooks.mjs")


def installed() -> Path:
    """The folder that holds node_modules. Raises ServerUnavailableError naming what is missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ServerUnavailableError(f"no standardwebhooks of npm: needs {program}")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(home) / "multiproduct-tests" / f"standardwebhooks-{VERSION}-installed"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        (made / "package.json").write_text('{"private": true}')
        run = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"standardwebhooks@{VERSION}"],
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_WITHIN_SECONDS,
        )
        if run.returncode != 0:
            raise ServerUnavailableError(f"npm cannot install standardwebhooks: {run.stderr[-300:]}")
        try:
            made.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    return folder


def verdicts(calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the library says of each call (`secret`, `body`, `headers`): `payload`, or why it is `refused`.
    Raises ServerUnavailableError."""
    run = subprocess.run(
        ["node", str(_SCRIPT), str(installed())],
        input="".join(json.dumps(call) + "\n" for call in calls),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    return [json.loads(line) for line in run.stdout.splitlines()]
