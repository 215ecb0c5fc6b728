"""A real Apache Kafka on loopback: prepared once, then started as often as one likes on the same data.

Promises: data and cluster id stay in the state directory between runs; everything listens on 127.0.0.1 alone; Java's
words go to a log file. The processes are the supervisor's to start, to watch and to stop.
"""

import asyncio
import base64
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from services.cluster.broker_settings import LOGGING, Node, Profile, bootstrap_of, broker_properties
from services.cluster.child import Child
from services.cluster.errors import ClusterError
from services.cluster.jars import Jars, Progress, obtain_jars
from services.cluster.java import find_java
from services.cluster.ports import free_ports
from services.cluster.tether import tethered

# Formatting takes 0.5 s; a machine under load gets forty times that.
FORMAT_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Kafka:
    """A prepared Kafka: its address, the processes it consists of, and how long its download took."""

    bootstrap: str
    children: tuple[Child, ...]
    downloading_seconds: float


async def prepare_kafka(
    state: Path, nodes: tuple[Node, ...], progress: Progress, profile: Profile = Profile.SMALL
) -> Kafka:
    """Get what is missing, format what is new, and return what is to be started; raise ClusterError if it cannot be."""
    jars = await obtain_jars(progress)
    java = await asyncio.to_thread(find_java)
    cluster_id = _keep_cluster_id(state)
    children = []
    for node in nodes:
        settings = _lay_out(state / node.name, node, nodes)
        if not (state / node.name / "data" / "meta.properties").exists():
            await asyncio.to_thread(_format, java, jars, settings, cluster_id)
        children.append(Child(node.name, _start_command(java, jars, settings, profile), {}, state / f"{node.name}.log"))
    return Kafka(bootstrap_of(nodes), tuple(children), jars.downloading_seconds)


def lay_nodes(count: int, first_port: int | None = None) -> tuple[Node, ...]:
    """Return so many nodes on free ports; the first node takes the given port for its clients if there is one."""
    free = (port for port in free_ports(2 * count + 1) if port != first_port)
    ports = iter((first_port, *free) if first_port else free)
    clients = [next(ports) for _ in range(count)]
    return tuple(Node(number, port, next(ports)) for number, port in enumerate(clients, start=1))


def _keep_cluster_id(state: Path) -> str:
    """Return the cluster's id, drawn once: three nodes must agree on it."""
    path = state / "cluster-id"
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(draw_cluster_id(), encoding="ascii")
        new.replace(path)
    return path.read_text(encoding="ascii")


def draw_cluster_id() -> str:
    """Return 22 characters as Kafka draws them: none starts with a dash, which its tools would take for an option."""
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not drawn.startswith("-"):
            return drawn


def _lay_out(directory: Path, node: Node, nodes: tuple[Node, ...]) -> Path:
    """Make the node's folder and settings; what a killed Java left in its folder for libraries is thrown away."""
    directory.mkdir(parents=True, exist_ok=True)
    libraries = directory / "libraries"
    shutil.rmtree(libraries, ignore_errors=True)
    libraries.mkdir()
    settings = directory / "server.properties"
    settings.write_text(broker_properties(node, nodes, directory / "data"), encoding="utf-8")
    return settings


def _format(java: str, jars: Jars, settings: Path, cluster_id: str) -> None:
    """Format the node's storage; `meta.properties` appears last and at once, so it tells that this was completed."""
    command = _command(java, jars, settings, Profile.SMALL.value)
    tool = ("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(settings))
    done = subprocess.run(tethered((*command, *tool)), capture_output=True, timeout=FORMAT_SECONDS_MAX, check=False)
    if done.returncode != 0:
        log = settings.with_name("format.log")
        log.write_bytes(done.stdout + done.stderr)
        raise ClusterError(f"Kafka's storage in {settings.parent} cannot be formatted; {log} tells why.")


def _start_command(java: str, jars: Jars, settings: Path, profile: Profile) -> tuple[str, ...]:
    return (*_command(java, jars, settings, profile.value), "kafka.Kafka", str(settings))


def _command(java: str, jars: Jars, settings: Path, options: tuple[str, ...]) -> tuple[str, ...]:
    class_path = ":".join(str(path) for path in jars.paths)
    libraries = f"-Djava.io.tmpdir={settings.with_name('libraries')}"
    fixed = ("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-Djava.awt.headless=true")
    return (java, *options, *fixed, *LOGGING, libraries, "-cp", class_path)
