"""Libraries of npm, each installed once into a cache outside of the source tree."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.servers.recipes import ServerUnavailableError

_INSTALL_WITHIN_SECONDS = 180


def installed(name: str, packages: Iterable[str]) -> Path:
    """The folder, called by that name, whose node_modules hold the packages (`name@version`). Raises
    ServerUnavailableError naming what is missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ServerUnavailableError(f"no {name} of npm: needs {program}")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(home) / "multiproduct-tests" / f"{name}-installed"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        (made / "package.json").write_text('{"private": true}')
        run = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages],
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_WITHIN_SECONDS,
        )
        if run.returncode != 0:
            raise ServerUnavailableError(f"npm cannot install {name}: {run.stderr[-300:]}")
        try:
            made.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    return folder


def run_script(script: Path, folder: Path, lines: Iterable[str]) -> list[str]:
    """What a script says to lines, a line to each. It is told the folder of its libraries."""
    run = subprocess.run(
        ["node", str(script), str(folder)],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    return run.stdout.splitlines()
