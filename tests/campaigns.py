"""How large a generated campaign is: a sample in `make test`, the full count in `make proof`."""

import os


def proof_is_asked() -> bool:
    """Whether this run was started with MULTIPRODUCT_PROOF=1."""
    return os.environ.get("MULTIPRODUCT_PROOF") == "1"


def proof_scale(small: int, full: int) -> int:
    """The count to use: `full` in a proof, `small` otherwise. Raises ValueError if small exceeds full."""
    if small > full:
        raise ValueError(f"the sample ({small}) must not be larger than the proof ({full})")
    return full if proof_is_asked() else small
