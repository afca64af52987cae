"""Refusing new passwords that are known from breaches, where the installation asks a service about them."""

import logging

from multiproduct.application.ports.breaches import BreachedPasswords, BreachServiceUnreachable
from multiproduct.domain.shared import FieldProblem, InvalidInput

_log = logging.getLogger(__name__)


class BreachChecking:
    """A service that cannot be reached keeps nobody from choosing a password: the rules of the domain have
    been applied already. Without a service nothing is asked."""

    def __init__(self, *, service: BreachedPasswords | None = None) -> None:
        self._service = service

    async def refuse(self, password: str, *, field: str = "password") -> None:
        """Raises InvalidInput on the field: password_breached."""
        if self._service is None:
            return
        try:
            is_known = await self._service.knows(password)
        except BreachServiceUnreachable as error:
            _log.warning("a new password was accepted without asking the breach service: %s", error)
            return
        if is_known:
            raise InvalidInput(FieldProblem(field, "password_breached"))
