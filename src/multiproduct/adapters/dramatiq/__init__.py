"""Todos over a message broker (Redis or RabbitMQ) by Dramatiq: sending them on, and running them."""

from multiproduct.adapters.dramatiq.todo_broker import TodoBroker
from multiproduct.adapters.dramatiq.todo_consumer import TodoConsumer

__all__ = ["TodoBroker", "TodoConsumer"]
