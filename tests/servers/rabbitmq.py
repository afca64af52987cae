"""RabbitMQ for tests: the broker Debian packages, on a node and a port mapper of its own."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.recipes import LOOPBACK, Recipe, ServerUnavailableError, log_says

CONFIGURATION = """\
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = info
log.file = false
"""


def url(port: int) -> str:
    return f"amqp://guest:guest@{LOOPBACK}:{port}/%2F"


def from_debian(port: int) -> Recipe:
    """The package's own command insists on root and its own user, so the script behind it is run instead."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    epmd = shutil.which("epmd")
    if not found or epmd is None:
        raise ServerUnavailableError("no RabbitMQ: needs TEST_AMQP_URL, or Debian's package rabbitmq-server")
    port_mapper_port, node_port = free_port(), free_port()

    def lay_out(folder: Path) -> None:
        for name in ("mnesia", "log", "plugins"):
            (folder / name).mkdir()
        (folder / "rabbitmq.conf").write_text(CONFIGURATION)
        (folder / "enabled_plugins").write_text("[].\n")

    def environment(folder: Path) -> Mapping[str, str]:
        return {
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(node_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none-advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(port_mapper_port),
        }

    def port_mapper(_folder: Path) -> Sequence[str]:
        # Started here, in the foreground: the one that Erlang would start by itself outlives the broker.
        return (epmd, "-address", LOOPBACK, "-port", str(port_mapper_port))

    return Recipe(
        name="RabbitMQ (Debian)",
        lay_out=lay_out,
        beside=(port_mapper,),
        serve=lambda _folder: (str(found[-1]),),
        environment=environment,
        is_ready=lambda folder: log_says(folder, "Server startup complete"),
        ready_within_seconds=120.0,
    )


def from_environment() -> str | None:
    return os.environ.get("TEST_AMQP_URL") or None
