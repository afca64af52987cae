"""What RabbitMQ is told, told on, and holds, as bytes to search."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pika
import pika.exceptions
from tests.integration.journeys.canaries import Sink

from multiproduct.adapters.dramatiq.links import QUEUE

_QUEUES = (QUEUE, f"{QUEUE}.DQ", f"{QUEUE}.XQ")
"""Dramatiq's for messages, for messages that wait, and for dead letters."""
_MOST_MESSAGES = 10_000
_PIECE = 65_536


class RabbitWitness:
    """Stands between an installation and its broker, and keeps every byte of both directions. The protocol
    carries the bodies of messages as they are."""

    def __init__(self, broker_url: str) -> None:
        self._broker = urlsplit(broker_url)
        self._told: list[bytearray] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._take_connections, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the broker seems to be."""
        user, _, _ = self._broker.netloc.rpartition("@")
        here = f"{user}@127.0.0.1:{self._listener.getsockname()[1]}"
        return urlunsplit(self._broker._replace(netloc=here))

    @property
    def sinks(self) -> list[Sink]:
        """Each stream in the order of its bytes, one after the other."""
        return [Sink("RabbitMQ connections", b"\n".join(bytes(each) for each in self._told))]

    def close(self) -> None:
        """Ends every connection."""
        for each in (self._listener, *self._open):
            each.close()

    def _take_connections(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # closed
            far = socket.create_connection((self._broker.hostname, self._broker.port or 5672), timeout=10)
            far.settimeout(None)
            self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                self._told.append(bytearray())
                threading.Thread(target=_pass_on, args=(source, target, self._told[-1]), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, told: bytearray) -> None:
    try:
        while piece := source.recv(_PIECE):
            told += piece
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one side was killed, or the witness was closed


@contextmanager
def rabbit_witness(broker_url: str) -> Iterator[RabbitWitness]:
    """Listens until the end of the block. The queues are empty at its beginning."""
    with _channel(broker_url) as channel:
        for name in _there(channel):
            channel.queue_purge(name)
    witness = RabbitWitness(broker_url)
    try:
        yield witness
    finally:
        witness.close()


def rabbit_sinks(broker_url: str) -> list[Sink]:
    """Every message that still lies in a queue of the installation; it stays there."""
    with _channel(broker_url) as channel:
        held = [message for name in _there(channel) for message in _messages_of(channel, name)]
    return [Sink("RabbitMQ queues", b"\n".join(held))]


@contextmanager
def _channel(broker_url: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(broker_url))
    try:
        # What was got and not acknowledged goes back as the connection ends.
        yield connection.channel()
    finally:
        connection.close()


def _there(channel: Any) -> list[str]:
    """Which of the queues there are; asking for one that is not closes the channel."""
    found = []
    for name in _QUEUES:
        asking = channel.connection.channel()
        try:
            asking.queue_declare(name, passive=True)
            found.append(name)
        except pika.exceptions.ChannelClosedByBroker:
            continue
    return found


def _messages_of(channel: Any, name: str) -> Iterator[bytes]:
    for _ in range(_MOST_MESSAGES):
        method, properties, body = channel.basic_get(name)
        if method is None:
            return
        yield repr(properties).encode() + b"\n" + body
    raise AssertionError(f"{name} holds more than {_MOST_MESSAGES} messages")
