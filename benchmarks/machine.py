"""The machine under the benchmarks: cores, processes and what they cost, free ports, open-file limits."""

import contextlib
import os
import resource
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cores() -> list[int]:
    """The cores this process may use, in order."""
    return sorted(os.sched_getaffinity(0))


def server_cores() -> set[int]:
    """The one core a measured server gets."""
    return {cores()[0]}


def client_cores() -> set[int]:
    """Where the generator, PostgreSQL and Redis run: every core but the server's, if there is another."""
    return set(cores()[1:]) or set(cores())


@contextlib.contextmanager
def pinned(to: set[int]) -> Iterator[None]:
    """Children started inside inherit these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_many_files() -> int:
    """Raises the soft limit of open files to the hard one, for this process and its children; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def process_tree(root: int) -> list[int]:
    """`root` and its living descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int(stat_fields(int(entry.name))[1])
    tree = [root] if root in parents else []
    for pid in tree:
        tree.extend(child for child, parent in parents.items() if parent == pid)
    return tree


def stat_fields(pid: int) -> list[str]:
    """/proc/PID/stat after the command name: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(root: int) -> float:
    """User and system time the process tree has used so far."""
    total = 0
    for pid in process_tree(root):
        with contextlib.suppress(OSError):
            fields = stat_fields(pid)
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def core_seconds(core: int) -> tuple[float, float]:
    """How long a core was busy so far, for whomever, and how long the hypervisor held it back."""
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith(f"cpu{core} "):
            user, nice, system, _, _, irq, softirq, steal = map(int, line.split()[1:9])
            return (user + nice + system + irq + softirq) / TICK, steal / TICK
    return 0.0, 0.0


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process holds, in 10^6 bytes. `pss` shares out pages used by several processes."""

    pid: int
    command: str
    rss: float
    pss: float | None


def memory(pid: int) -> Memory:
    """Reads the kernel's sums for one process. Raises OSError when it is gone."""
    rss = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    pss: float | None = None
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                pss = int(line.split()[1]) * 1024 / 1e6
    return Memory(pid, command, rss / 1e6, pss)


def pid_listening_on(port: int) -> int | None:
    """The process that listens on a loopback port, to account for a server somebody else started."""
    wanted = f":{port:04X}"
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(wanted) and fields[3] == "0A":
            inodes.add(f"socket:[{fields[9]}]")
    owners = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and any(str(fd.readlink()) in inodes for fd in (entry / "fd").iterdir()):
                owners.append(int(entry.name))
    return min(owners, default=None)
