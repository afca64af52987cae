"""Ports that many contexts use, one file each. A context's own ports stand in its `ports.py`."""
