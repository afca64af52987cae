"""What goes on by itself: once in a simulated night every job is run, and every reaction that is owed."""

from multiproduct.bootstrap import Container

UNNEEDED = frozenset({"audit.seal"})
"""Jobs that have nothing to do with money and would take most of the time."""


class Nights:
    """Jobs are run one after the other, as what runs at once is not told again the same way."""

    def __init__(self, *, container: Container) -> None:
        self._relay = container.relay
        self._jobs = [job for job in container.scheduling.jobs if job.name not in UNNEEDED]

    async def pass_over(self) -> None:
        """One night. What fails is a defect, and is raised."""
        await self._relay.drain()
        for job in self._jobs:
            await job.run()
        await self._relay.drain()
