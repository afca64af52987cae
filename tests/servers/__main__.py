"""`python -m tests.servers`: real servers for a benchmark, a command, or a person at a terminal."""

import argparse
import os
import signal
import subprocess
import sys

from tests.servers.recipes import ServerUnavailableError
from tests.servers.running import ServerStartError, servers_from_debian, servers_from_wheels


def main() -> int:
    arguments = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with servers_from_debian() if arguments.debian else servers_from_wheels() as addresses:
            if arguments.command:
                return _run(arguments.command, addresses)
            for name, url in addresses.items():
                sys.stdout.write(f"{name}={url}\n")
            sys.stdout.flush()
            while sys.stdin.read(4096):
                pass
    except (ServerUnavailableError, ServerStartError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.servers",
        description="Starts private servers on loopback. Without a command, prints KEY=VALUE lines once all "
        "of them answer, and waits until standard input closes or a signal comes. With one, runs it with "
        "these variables in its environment and ends with its exit code.",
    )
    parser.add_argument(
        "--debian",
        action="store_true",
        help="PostgreSQL, Redis and RabbitMQ from Debian's packages; else PostgreSQL and Redis from wheels",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, help="after --, the command to run")
    return parser


def _run(command: list[str], addresses: dict[str, str]) -> int:
    words = command[1:] if command[0] == "--" else command
    return subprocess.run(words, env={**os.environ, **addresses}, check=False).returncode


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
