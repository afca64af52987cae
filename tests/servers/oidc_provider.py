"""Starting `oidc-provider` (npm) on this machine, installed into a cache outside of the source tree."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.recipes import ServerUnavailableError

VERSION = "9.13.3"
_INSTALL_WITHIN_SECONDS = 180
_SCRIPT = Path(__file__).with_name("oidc_provider.mjs")


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "multiproduct-tests" / f"oidc-provider-{VERSION}-installed"


def installed() -> Path:
    """The folder that holds node_modules. Raises ServerUnavailableError naming what is missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ServerUnavailableError(f"no OpenID provider: needs {program}")
    folder = _cache()
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        (made / "package.json").write_text('{"private": true}')
        run = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"oidc-provider@{VERSION}"],
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_WITHIN_SECONDS,
        )
        if run.returncode != 0:
            raise ServerUnavailableError(f"no OpenID provider: npm cannot install it: {run.stderr[-300:]}")
        try:
            made.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    return folder


@contextmanager
def oidc_provider(**given: Any) -> Iterator[str]:
    """The issuer's address. The server ends with this process, however that ends. Raises
    ServerUnavailableError."""
    folder = installed()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["node", str(_SCRIPT), str(folder), json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = ""
            for said in process.stdout:
                if said.startswith('{"issuer"'):
                    break
            if not said.startswith('{"issuer"'):
                log.seek(0)
                raise AssertionError(f"the provider did not start: {log.read()[-2000:]!r}")
            yield json.loads(said)["issuer"]
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
            process.stdout.close()
