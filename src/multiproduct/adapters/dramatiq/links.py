"""Links to a broker, chosen by its URL: how messages are sent, counted, and what can go wrong with it."""

from abc import ABC, abstractmethod
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from dramatiq import Broker, Message
from dramatiq.errors import BrokerConnectionError

from multiproduct.adapters.dramatiq.expiry import LeaseExpiry

QUEUE = "multiproduct"

_REDIS_PATIENCE = {"socket_connect_timeout": "2", "socket_timeout": "5"}
_AMQP_PATIENCE = {
    "connection_attempts": "1",
    "socket_timeout": "5",
    "stack_timeout": "10",
    "blocked_connection_timeout": "10",
}


class BrokerLink(ABC):
    """A Dramatiq broker with nothing but our own middleware: no retries, no results, no loop of its own."""

    broker: Broker
    failures: tuple[type[Exception], ...]

    def send(self, message: Message[None]) -> None:
        """Blocks. Raises one of `failures`."""
        self.broker.enqueue(message)

    @abstractmethod
    def count(self) -> int:
        """How many messages wait. Blocks. Raises one of `failures`."""

    @abstractmethod
    def close(self) -> None:
        """Gives the connections back."""


class RedisLink(BrokerLink):
    """Redis lists, under keys that begin with `multiproduct`."""

    def __init__(self, url: str, *, expiry: LeaseExpiry) -> None:
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - only who uses Redis needs its client
        from redis.exceptions import RedisError  # noqa: PLC0415 - likewise

        self._redis = RedisBroker(  # type: ignore[no-untyped-call] # Dramatiq leaves it untyped
            url=with_patience(url, _REDIS_PATIENCE), middleware=[expiry], namespace="multiproduct"
        )
        self.broker = self._redis
        self.failures = (RedisError, BrokerConnectionError, OSError)

    def count(self) -> int:
        """Messages that wait or are being worked on."""
        return int(self._redis.do_qsize(QUEUE))

    def close(self) -> None:
        """Closes the pool."""
        # The client leaves a pool that was made from a URL alone.
        self._redis.client.connection_pool.disconnect()


class RabbitLink(BrokerLink):
    """RabbitMQ queues, durable, with publisher confirms: a message counts as sent once the broker has it."""

    def __init__(self, url: str, *, expiry: LeaseExpiry) -> None:
        from dramatiq.brokers.rabbitmq import (  # noqa: PLC0415 - only who uses RabbitMQ needs its client
            RabbitmqBroker,
        )
        from pika.exceptions import AMQPError  # noqa: PLC0415 - likewise

        self._rabbit = RabbitmqBroker(
            url=with_patience(url, _AMQP_PATIENCE), middleware=[expiry], confirm_delivery=True
        )
        self.broker = self._rabbit
        self.failures = (AMQPError, BrokerConnectionError, OSError)

    def count(self) -> int:
        """Messages that wait. A connection that went stale is opened anew, once."""
        try:
            return self._rabbit.get_queue_message_counts(QUEUE)[0]
        except self.failures:
            del self._rabbit.connection
            return self._rabbit.get_queue_message_counts(QUEUE)[0]

    def close(self) -> None:
        """Closes the connections of all threads."""
        self._rabbit.close()


def link_to(url: str, *, lease: timedelta) -> BrokerLink:
    """The link for a URL; nothing is connected yet. Raises ValueError for a scheme that names no broker."""
    scheme = urlsplit(url).scheme
    expiry = LeaseExpiry(lease=lease)
    if scheme in {"redis", "rediss", "unix"}:
        return RedisLink(url, expiry=expiry)
    if scheme in {"amqp", "amqps"}:
        return RabbitLink(url, expiry=expiry)
    raise ValueError(
        f"a broker's URL begins with redis://, rediss://, unix:// or amqp(s)://, not {scheme}://"
    )


def with_patience(url: str, limits: dict[str, str]) -> str:
    """The URL with those limits added that it does not set itself: neither client has enough by default."""
    given = dict(parse_qsl(urlsplit(url).query))
    added = urlencode({name: value for name, value in limits.items() if name not in given})
    if not added:
        return url
    return f"{url}{'&' if '?' in url else '?'}{added}"
