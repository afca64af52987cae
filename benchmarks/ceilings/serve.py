"""Serves the bare ASGI function by Granian, with the settings the product is served with."""

import sys

from granian.server import Server

from benchmarks.granian_settings import granian_settings


def main() -> None:
    """`python -m benchmarks.ceilings.serve PORT`."""
    port = int(sys.argv[1])
    Server("benchmarks.ceilings.bare_asgi:app", **granian_settings(port=port)).serve()


if __name__ == "__main__":
    main()
