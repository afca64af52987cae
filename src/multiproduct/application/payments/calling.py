"""Calling gateways: within a time limit, and with every failure taken for what it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from multiproduct.application.payments.gateways import NotSent
from multiproduct.domain.payments import Outcome, Unknown

LEASE = timedelta(seconds=60)
"""How long whoever is at a call keeps others away, in real time."""
PATIENCE_SECONDS = 30.0
"""How long a gateway may take; less than the lease, so that nobody else begins while this one waits."""

_log = logging.getLogger(__name__)


async def told(call: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """What the gateway answers. Whatever goes wrong after the request may have left is Unknown: the money may
    have moved. Raises NotSent."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await call()
    except NotSent:
        raise
    except Exception as error:  # noqa: BLE001 - see the docstring: no failure here means that nothing moved
        _log.warning("nobody knows what a gateway did", exc_info=error)
        return Unknown(reason=f"{type(error).__name__}: {error}"[:200])
