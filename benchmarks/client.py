"""One load generator process: reads a plan, sends it over raw keep-alive sockets, writes figures."""

import gc
import pickle
import resource
import select
import socket
import sys
import time
from array import array
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

READ = 65_536
CONNECT_BATCH = 256
GRACE = 15.0
"""Seconds after the end of a plan in which late answers are still waited for."""
CLOSING_ERRORS = (ConnectionError, TimeoutError)
TELLS_WHEN_TO_RETRY = {429, 503}


@dataclass(kw_only=True)
class Plan:
    """What to send. With `rate` it is an open loop: requests fall due on a schedule, whoever has answered.
    Without one it is a closed loop: each connection sends its next request when the last is answered,
    for `seconds`, or until every one of `requests` was sent once when `once` is set."""

    port: int
    requests: list[bytes]
    connections: int
    seconds: float = 0.0
    once: bool = False
    rate: float = 0.0
    spin: bool = True
    keep_bodies: bool = False


@dataclass(kw_only=True)
class Outcome:
    """What came of a plan. Latencies are in seconds; in an open loop they count from when a request was due.
    Lags are the generator's own lateness: how long a due request and a free connection waited for it."""

    started: float = 0.0
    ended: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    told_to_retry: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    lags: "array[float]" = field(default_factory=lambda: array("d"))
    bodies: dict[int, bytes] = field(default_factory=dict)


class Connection:
    """One socket and what it waits for."""

    __slots__ = ("buffer", "due", "freed", "index", "sock", "waiting")

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.buffer = b""
        self.due = 0.0
        self.freed = 0.0
        self.index = 0
        self.waiting = False


class Client:
    """Sends a plan's requests over its connections and counts every answer."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self.poller = select.epoll()
        self.by_descriptor: dict[int, Connection] = {}
        self.connections = [Connection() for _ in range(plan.connections)]
        self.closes_after_answer = False
        self.seen = 0

    def open_all(self) -> None:
        """Opens every connection, a batch at a time, before the clock starts."""
        for first in range(0, len(self.connections), CONNECT_BATCH):
            for connection in self.connections[first : first + CONNECT_BATCH]:
                self.open(connection)

    def open(self, connection: Connection) -> bool:
        try:
            sock = socket.create_connection(("127.0.0.1", self.plan.port), timeout=GRACE)
        except OSError as error:
            self.outcome.errors[f"connect: {type(error).__name__}"] += 1
            connection.sock = None
            return False
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        connection.sock, connection.buffer, connection.waiting = sock, b"", False
        self.by_descriptor[sock.fileno()] = connection
        self.poller.register(sock.fileno(), select.EPOLLIN)
        return True

    def reopen(self, connection: Connection) -> bool:
        if connection.sock is not None:
            descriptor = connection.sock.fileno()
            self.poller.unregister(descriptor)
            del self.by_descriptor[descriptor]
            connection.sock.close()
        return self.open(connection)

    def send(self, connection: Connection, index: int, due: float) -> None:
        """Sends request `index`; a broken connection is opened again once, as any client does."""
        request = self.plan.requests[index % len(self.plan.requests)]
        connection.index, connection.due = index, due
        for _ in range(2):
            try:
                if connection.sock is not None and connection.sock.send(request) == len(request):
                    connection.waiting = True
                    return
            except CLOSING_ERRORS:
                pass
            if not self.reopen(connection):
                return
        self.outcome.errors["send"] += 1

    def receive(self, connection: Connection) -> bool:
        """Reads what is there; true when the request in flight is over, answered or lost."""
        try:
            data = connection.sock.recv(READ) if connection.sock else b""
        except BlockingIOError:
            return False
        except CLOSING_ERRORS:
            data = b""
        if not data:
            return self.lost(connection)
        buffer = connection.buffer + data if connection.buffer else data
        length = answer_length(buffer)
        if length == 0:
            connection.buffer = buffer
            return False
        self.count(connection, buffer[:length])
        connection.buffer = b""
        connection.waiting = False
        if self.closes_after_answer:
            self.reopen(connection)
        return True

    def lost(self, connection: Connection) -> bool:
        was_waiting = connection.waiting
        if was_waiting:
            self.outcome.errors["closed without an answer"] += 1
        self.reopen(connection)
        return was_waiting

    def count(self, connection: Connection, answer: bytes) -> None:
        outcome = self.outcome
        outcome.latencies.append(time.perf_counter() - connection.due)
        status = int(answer[9:12])
        if not outcome.statuses:
            head = answer[: answer.index(b"\r\n\r\n")].lower()
            self.closes_after_answer = b"connection: close" in head
        outcome.statuses[status] += 1
        if status in TELLS_WHEN_TO_RETRY and b"retry-after:" in answer.lower():
            outcome.told_to_retry[status] += 1
        if self.plan.keep_bodies:
            outcome.bodies[connection.index] = answer[answer.index(b"\r\n\r\n") + 4 :]

    def closed_loop(self) -> None:
        plan, outcome = self.plan, self.outcome
        last = len(plan.requests) if plan.once else sys.maxsize
        index = 0
        self.open_all()
        outcome.started = time.perf_counter()
        until = outcome.started + (plan.seconds or GRACE)
        for connection in self.connections[:last]:
            self.send(connection, index, time.perf_counter())
            index += 1
        over = 0
        while over < last and (now := time.perf_counter()) < until:
            for descriptor, _ in self.poller.poll(0.1):
                connection = self.by_descriptor[descriptor]
                if not self.receive(connection):
                    continue
                over += 1
                if index < last:
                    self.send(connection, index, time.perf_counter())
                    index += 1
            if plan.once and self.has_progressed(now):
                until = now + GRACE
        outcome.ended = time.perf_counter()
        if plan.once and over < last:
            outcome.errors["unanswered"] += last - over

    def has_progressed(self, now: float) -> bool:
        """Whether an answer came lately: a plan of a stated size goes on while answers arrive."""
        latencies = len(self.outcome.latencies)
        progressed = latencies > self.seen
        self.seen = latencies
        return progressed and now - self.outcome.started < 10 * GRACE

    def open_loop(self) -> None:
        plan, outcome = self.plan, self.outcome
        total = int(plan.rate * plan.seconds)
        self.open_all()
        free = deque(self.connections)
        outcome.started = start = time.perf_counter()
        until = start + plan.seconds + GRACE
        sent = over = 0
        while over < total and (now := time.perf_counter()) < until:
            while sent < total and free and (due := start + sent / plan.rate) <= now:
                connection = free.popleft()
                self.send(connection, sent, due)
                outcome.lags.append(time.perf_counter() - max(due, connection.freed))
                sent += 1
                if not connection.waiting:
                    over += 1
                    free.append(connection)
            for descriptor, _ in self.poller.poll(self.pause(start, sent, total)):
                connection = self.by_descriptor[descriptor]
                if self.receive(connection):
                    over += 1
                    connection.freed = time.perf_counter()
                    free.append(connection)
        outcome.ended = time.perf_counter()
        if over < total:
            outcome.errors["unanswered"] += total - over

    def pause(self, start: float, sent: int, total: int) -> float:
        """Seconds to sleep for answers: none when spinning, for a schedule finer than a timer's tick."""
        if self.plan.spin:
            return 0.0
        if sent >= total:
            return 0.05
        return min(max(start + sent / self.plan.rate - time.perf_counter(), 0.0), 0.05)


def answer_length(buffer: bytes) -> int:
    """The length of the first complete HTTP/1.1 answer in `buffer`, or 0 while it is incomplete."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    at = buffer.find(b"content-length: ", 0, head)
    if at < 0:
        at = buffer[:head].lower().find(b"content-length: ")
        if at < 0:
            return head + 4
    length = head + 4 + int(buffer[at + 16 : buffer.index(b"\r", at)])
    return length if len(buffer) >= length else 0


def percentile(ordered: list[float], share: float) -> float:
    """The value below which `share` of the ordered values lie (nearest rank); 0 for none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def figures(outcome: Outcome, share_of_core: float) -> dict[str, Any]:
    """What the harness is told: plain numbers, latencies in milliseconds."""
    ordered, lags = sorted(outcome.latencies), sorted(outcome.lags)
    return {
        "seconds": outcome.ended - outcome.started,
        "statuses": dict(outcome.statuses),
        "told_to_retry": dict(outcome.told_to_retry),
        "errors": dict(outcome.errors),
        "p50_ms": percentile(ordered, 0.50) * 1000,
        "p99_ms": percentile(ordered, 0.99) * 1000,
        "max_ms": (ordered[-1] if ordered else 0.0) * 1000,
        "lag_p99_ms": percentile(lags, 0.99) * 1000,
        "client_share": share_of_core,
        "bodies": outcome.bodies,
    }


def main() -> None:
    """Runs the pickled plan of standard input."""
    plan: Plan = Plan(**pickle.load(sys.stdin.buffer))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.disable()  # nothing here makes cycles, and a collection would show as latency
    client = Client(plan)
    busy, began = time.process_time(), time.perf_counter()
    if plan.rate:
        client.open_loop()
    else:
        client.closed_loop()
    share = (time.process_time() - busy) / max(time.perf_counter() - began, 1e-9)
    pickle.dump(figures(client.outcome, share), sys.stdout.buffer)


if __name__ == "__main__":
    main()
