"""Processes that serve nobody directly: workers, which run reactions, and schedulers, which run jobs."""

from multiproduct.entrypoints.worker.running import run_scheduler, run_worker

__all__ = ["run_scheduler", "run_worker"]
