"""Loads a server on loopback from another core, and accounts the server's own processor time per request."""

import contextlib
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.figures import CannotMeasure
from benchmarks.machine import client_cores, core_seconds, cpu_seconds, pinned, server_cores

CONNECTIONS = 64
PACED_CONNECTIONS = 256
SPUN_FROM = 1_000
"""Requests a second from which the Python client keeps its schedule by spinning, which uses up a core."""
HERE = Path(__file__).parent
MARGIN = 60.0
"""Seconds a generator may take beyond its plan before it is given up."""


@dataclass(kw_only=True)
class Measured:
    """One run. Latencies in milliseconds; in an open loop from the moment a request was due, so that
    a server that stalls cannot hide the requests that would have come (coordinated omission). `others` is
    the share of the server's core that somebody else used: the figures tell of them too."""

    generator: str
    seconds: float
    statuses: dict[int, int]
    errors: dict[str, int]
    p50_ms: float
    p99_ms: float
    max_ms: float = 0.0
    lag_p99_ms: float = 0.0
    client_share: float | None = None
    server_cpu: float | None = None
    others: float | None = None
    told_to_retry: dict[int, int] = field(default_factory=dict)
    bodies: dict[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def answers(self) -> int:
        return sum(self.statuses.values())

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float:
        """The server's processor time per answer, in microseconds; 0 where it is not known."""
        return self.server_cpu * 1e6 / self.answers if self.server_cpu and self.answers else 0.0

    def statuses_shown(self) -> str:
        shown = [f"{status or 'not 2xx'}: {number:,}" for status, number in sorted(self.statuses.items())]
        shown += [f"{error}: {number:,}" for error, number in sorted(self.errors.items())]
        return ", ".join(shown) or "nothing"

    def raw(self) -> dict[str, Any]:
        """For the JSON file."""
        return {
            "generator": self.generator,
            "seconds": self.seconds,
            "rate": self.rate,
            "cpu_us_per_answer": self.cpu_us,
            "p50_ms": self.p50_ms,
            "p99_ms": self.p99_ms,
            "max_ms": self.max_ms,
            "lag_p99_ms": self.lag_p99_ms,
            "client_share": self.client_share,
            "others_share_of_core": self.others,
            "statuses": {str(status): number for status, number in self.statuses.items()},
            "told_to_retry": {str(status): number for status, number in self.told_to_retry.items()},
            "errors": self.errors,
        }


def get(port: int, path: str, *, client: str | None = None) -> bytes:
    """The bytes of a GET; `client` is the address a trusted proxy would report."""
    forwarded = f"X-Forwarded-For: {client}\r\n" if client else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{forwarded}\r\n".encode()


def post(
    port: int,
    path: str,
    body: bytes,
    *,
    client: str | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The bytes of a POST with a JSON body."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    forwarded = f"X-Forwarded-For: {client}\r\n" if client else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{forwarded}{more}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def client_addresses(number: int) -> list[str]:
    """`number` different client addresses within 10.0.0.0/8."""
    return [f"10.{1 + index // 62_500}.{index // 250 % 250}.{1 + index % 250}" for index in range(number)]


def wrk_path() -> str | None:
    return shutil.which("wrk")


def throughput(
    port: int, requests: Sequence[bytes], *, seconds: float, root: int | None, connections: int = CONNECTIONS
) -> Measured:
    """A closed loop at full speed: by wrk where it is installed, because a compiled client leaves the server
    the only bottleneck, else by the Python client. `root` is the server's process, for its processor time."""
    if wrk_path():
        with accounted(root) as spent:
            measured = RunningWrk(port, requests, seconds=seconds, connections=connections).begin().finish()
        spent.put_into(measured)
        return measured
    return run_client(
        {
            "port": port,
            "requests": list(requests),
            "connections": connections,
            "seconds": seconds,
        },
        root=root,
    )


def paced(port: int, requests: Sequence[bytes], *, rate: float, seconds: float, root: int | None) -> Measured:
    """About `rate` requests a second; see `pacing`."""
    with accounted(root) as spent:
        measured = pacing(port, requests, rate=rate, seconds=seconds).begin().finish()
    spent.put_into(measured)
    return measured


def pacing(
    port: int, requests: Sequence[bytes], *, rate: float, seconds: float, connections: int = PACED_CONNECTIONS
) -> "Running | RunningWrk":
    """A load of about `rate` requests a second, not begun yet: by wrk where it is installed, each connection
    resting before its next request, as a compiled client is hardly late itself; else by the Python client's
    open loop."""
    if not wrk_path():
        return Running(steady_plan(port, requests, rate, seconds, connections, spin=rate > SPUN_FROM))
    pause = round(connections / rate * 1e6)
    return RunningWrk(port, requests, seconds=seconds, connections=connections, pause_microseconds=pause)


def steady_plan(
    port: int, requests: Sequence[bytes], rate: float, seconds: float, connections: int, *, spin: bool
) -> dict[str, Any]:
    return {
        "port": port,
        "requests": list(requests),
        "connections": connections,
        "seconds": seconds,
        "rate": rate,
        "spin": spin,
    }


def each_once(
    port: int, requests: Sequence[bytes], *, root: int | None, connections: int, keep_bodies: bool = False
) -> Measured:
    """Sends every request exactly once over `connections`, all of them open before the clock starts."""
    plan = {
        "port": port,
        "requests": list(requests),
        "connections": connections,
        "once": True,
        "keep_bodies": keep_bodies,
    }
    return run_client(plan, root=root)


@dataclass
class Spent:
    """Seconds of processor time: of the server's process tree, and of anybody else on the server's core."""

    server: float | None = None
    others: float | None = None

    def put_into(self, measured: Measured) -> None:
        measured.server_cpu = self.server
        if self.others is not None and measured.seconds:
            measured.others = max(0.0, self.others / measured.seconds)


@contextlib.contextmanager
def accounted(root: int | None) -> Iterator[Spent]:
    """Accounts what happens inside."""
    spent = Spent()
    if root is None:
        yield spent
        return
    core = min(server_cores())
    busy, stolen = core_seconds(core)
    before = cpu_seconds(root)
    yield spent
    spent.server = cpu_seconds(root) - before
    busy_after, stolen_after = core_seconds(core)
    spent.others = (busy_after - busy) + (stolen_after - stolen) - spent.server


class Running:
    """A client process at work, for loads that run beside each other."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.seconds = float(plan.get("seconds") or 0) + MARGIN + 120 * bool(plan.get("once"))
        with pinned(client_cores()):
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.client"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=HERE.parent,
            )
        self.plan = pickle.dumps(plan)

    def begin(self) -> "Running":
        """Hands over the plan; the client starts at once."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a client that failed at once is told of by finish()
            self.process.stdin.write(self.plan)
            self.process.stdin.close()
        self.process.stdin = None
        return self

    def finish(self) -> Measured:
        """Waits for the client. Raises CannotMeasure when it failed or took too long."""
        try:
            output, _ = self.process.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise CannotMeasure("the load generator did not end in time") from None
        if self.process.returncode:
            raise CannotMeasure(f"the load generator ended with {self.process.returncode}")
        return Measured(generator="python", **pickle.loads(output))


def run_client(plan: dict[str, Any], *, root: int | None) -> Measured:
    with accounted(root) as spent:
        measured = Running(plan).begin().finish()
    spent.put_into(measured)
    return measured


class RunningWrk:
    """One thread of wrk sending the very same bytes. It tells only answers from 2xx/3xx and others apart."""

    def __init__(
        self,
        port: int,
        requests: Sequence[bytes],
        *,
        seconds: float,
        connections: int,
        pause_microseconds: int = 0,
    ) -> None:
        self.seconds = max(1, round(seconds))
        self.file = tempfile.NamedTemporaryFile(suffix=".requests")  # noqa: SIM115 - until wrk has read it
        self.file.write(b"\0".join(requests))
        self.file.flush()
        self.command = ["wrk", "-t1", f"-c{connections}", f"-d{self.seconds}s", "--timeout", "10s"]
        self.command += ["-s", str(HERE / "wrk_requests.lua"), f"http://127.0.0.1:{port}/", "--"]
        self.command += [self.file.name, str(pause_microseconds)]
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> "RunningWrk":
        """Starts at once."""
        with pinned(client_cores()):
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return self

    def finish(self) -> Measured:
        """Waits for wrk. Raises CannotMeasure when it took too long or printed no figures."""
        assert self.process is not None
        try:
            output, _ = self.process.communicate(timeout=self.seconds + MARGIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise CannotMeasure("wrk did not end in time") from None
        finally:
            self.file.close()
        return wrk_figures(output)


def wrk_figures(output: str) -> Measured:
    """Reads the line our script prints. Raises CannotMeasure without one."""
    for line in output.splitlines():
        if line.startswith("BENCH "):
            answers, duration, refused, connect, read, other, p50, p99 = map(int, line.split()[1:])
            errors = {"connect": connect, "read": read, "write or timeout": other}
            statuses = {200: answers - refused} | ({0: refused} if refused else {})
            return Measured(
                generator="wrk",
                seconds=duration / 1e6,
                statuses=statuses,
                errors={name: number for name, number in errors.items() if number},
                p50_ms=p50 / 1000,
                p99_ms=p99 / 1000,
            )
    raise CannotMeasure("wrk printed no figures")
