"""Starting contenders in several processes at the same moment, and adding up what came of it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

FINISH_WITHIN_SECONDS = 240
_ROOT = Path(__file__).resolve().parents[3]


def race(
    name: str, *, settings: dict[str, Any], contenders: int, processes: int, **order: Any
) -> Counter[str]:
    """Races `contenders` over `processes`; answers how often each outcome came. Anything unforeseen fails."""
    share = contenders // processes
    runners = [
        _start({"race": name, "settings": settings, "first": index * share, "count": share, **order})
        for index in range(processes)
    ]
    try:
        for runner in runners:
            assert runner.stdout is not None
            line = runner.stdout.readline()
            assert line.strip() == "ready", line + (runner.stderr.read() if runner.stderr else "")
        for runner in runners:
            assert runner.stdin is not None
            runner.stdin.write("go\n")
            runner.stdin.flush()
        total: Counter[str] = Counter()
        for runner in runners:
            out, err = runner.communicate(timeout=FINISH_WITHIN_SECONDS)
            assert runner.returncode == 0, err[-4000:]
            total.update(json.loads(out.splitlines()[-1]))
        return total
    finally:
        for runner in runners:
            if runner.poll() is None:
                runner.kill()
            runner.wait()
            for pipe in (runner.stdin, runner.stdout, runner.stderr):
                if pipe is not None:
                    pipe.close()


def _start(order: dict[str, Any]) -> subprocess.Popen[str]:
    runner = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.journeys.contenders"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert runner.stdin is not None
    runner.stdin.write(json.dumps(order) + "\n")
    runner.stdin.flush()
    return runner
