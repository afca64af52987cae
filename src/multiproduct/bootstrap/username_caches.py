"""The two caches of the user name check: one each for the process."""

from collections.abc import Sequence
from typing import Any

from multiproduct.application.caching import ReadThrough, Unshared
from multiproduct.application.identity import Availability
from multiproduct.application.identity.username_answers import (
    ANSWERS,
    TAKEN,
    AvailabilityCodec,
    FlagCodec,
    UsernameAnswers,
    UsernameIndex,
)
from multiproduct.application.identity.username_checking import time_to_live
from multiproduct.application.ports.clock import RealTime
from multiproduct.bootstrap.parts import Shared


class UsernameCaches:
    """Made when first asked for: use cases joined to a host's transaction share those that there are."""

    def __init__(self, *, shared: Shared, real_time: RealTime) -> None:
        self._shared = shared
        self._real_time = real_time
        self._taken: ReadThrough[bool] | None = None
        self._answers: ReadThrough[Availability] | None = None

    def all(self) -> Sequence[ReadThrough[Any]]:
        """Those that there are."""
        return [cache for cache in (self._taken, self._answers) if cache is not None]

    def taken(self, index: UsernameIndex) -> ReadThrough[bool]:
        """Which names are taken, shared with the other processes."""
        if self._taken is None:
            self._taken = ReadThrough(
                name=TAKEN,
                load=index.load,
                ttl=lambda is_taken: time_to_live(is_taken=is_taken),
                codec=FlagCodec(),
                shared=self._shared.cache,
                invalidations=self._shared.invalidations,
                real_time=self._real_time,
            )
        return self._taken

    def answers(self, answers: UsernameAnswers) -> ReadThrough[Availability]:
        """Kept in this process only, as suggestions grow stale with every name that is claimed."""
        if self._answers is None:
            self._answers = ReadThrough(
                name=ANSWERS,
                load=answers.load,
                ttl=lambda answer: (time_to_live(is_taken=not answer.available)[0], 0.0),
                codec=AvailabilityCodec(),
                shared=Unshared(),
                invalidations=self._shared.invalidations,
                real_time=self._real_time,
            )
        return self._answers
