"""How long `import multiproduct` takes in a fresh interpreter."""

import subprocess
import sys
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, milliseconds

TIMED = "import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
IMPORTS = 10
BELOW_MS = 100


def run(bench: Bench) -> Report:
    report = Report(
        name="imports", title=f"median of {IMPORTS} fresh interpreters, after one to fill the disk cache"
    )
    bench.say("import multiproduct")
    taken = import_times("import multiproduct")
    report.ceiling(
        "import multiproduct",
        milliseconds(median(taken)),
        measured=median(taken),
        below=BELOW_MS,
        unit="ms",
        raw={"milliseconds": taken},
    )
    try:
        whole = import_times("from multiproduct import Multiproduct")
        report.row("from multiproduct import Multiproduct", milliseconds(median(whole)))
    except CannotMeasure as reason:
        report.missing("from multiproduct import Multiproduct", str(reason))
    return report


def import_times(statement: str) -> list[float]:
    """Milliseconds of each run. Raises CannotMeasure when the import fails."""
    taken = []
    for _ in range(IMPORTS + 1):
        done = subprocess.run(
            [sys.executable, "-c", TIMED.format(statement=statement)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode:
            raise CannotMeasure(done.stderr.strip().splitlines()[-1])
        taken.append(float(done.stdout) * 1000)
    return taken[1:]
