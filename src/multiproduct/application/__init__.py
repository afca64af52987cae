"""Use cases and the ports they need: asynchronous, and free of any technology but pydantic."""
