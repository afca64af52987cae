"""An attribute that is worked out when it is first asked for, in objects that one task uses."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class made_once(Generic[T]):  # noqa: N801 - a decorator, like those of functools
    """`functools.cached_property` without its lock, which takes longer than what units make with it."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, _owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, _owner: type[Any]) -> T:
        made = instance.__dict__[self._name] = self._make(instance)
        return made
