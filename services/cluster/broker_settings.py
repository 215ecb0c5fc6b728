"""How the local Kafka is set up: its heap, and every broker setting that differs from Kafka's own.

Nodes are broker and controller in one. One node replicates nothing; three replicate everything and need two in sync.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from services.cluster.ports import LOOPBACK


class Profile(Enum):
    """The Java virtual machine's options: what a small machine can spare, or what a load test deserves."""

    SMALL = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    LOAD = ("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC")


@dataclass(frozen=True, slots=True)
class Node:
    """One Kafka node: its number, and its ports on loopback for clients and for controllers."""

    number: int
    port: int
    controller_port: int

    @property
    def name(self) -> str:
        """The name of the node's folder and process."""
        return f"kafka-{self.number}"


def bootstrap_of(nodes: tuple[Node, ...]) -> str:
    """Return the address under which clients find the nodes: HOST:PORT, joined by commas."""
    return ",".join(f"{LOOPBACK}:{node.port}" for node in nodes)


def broker_properties(node: Node, nodes: tuple[Node, ...], data: Path) -> str:
    """Return the node's server.properties; `nodes` are all nodes of the cluster, one or three."""
    voters = ",".join(f"{each.number}@{LOOPBACK}:{each.controller_port}" for each in nodes)
    replication = min(3, len(nodes))
    in_sync = max(1, replication - 1)
    settings = {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": voters,
        "listeners": f"PLAINTEXT://{LOOPBACK}:{node.port},CONTROLLER://{LOOPBACK}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{node.port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data,
        "default.replication.factor": replication,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replication,
        "transaction.state.log.replication.factor": replication,
        "transaction.state.log.min.isr": in_sync,
        **SETTINGS,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


SETTINGS = {
    "auto.create.topics.enable": "false",  # a topic that nobody provisioned is a mistake
    "unclean.leader.election.enable": "false",  # no acknowledged record is given up
    "group.initial.rebalance.delay.ms": 0,  # members need not wait for others that never come
    "group.min.session.timeout.ms": 1000,  # fault tests want a dead worker noticed soon
    "broker.session.timeout.ms": 3000,  # and a dead broker
    "broker.heartbeat.interval.ms": 500,
    "offsets.topic.num.partitions": 4,  # 50 by default, each with its files
    "transaction.state.log.num.partitions": 4,
    "log.cleaner.io.max.bytes.per.second": 33_554_432,  # unbounded it takes half a core, for seconds, from all others
    "log.cleaner.dedupe.buffer.size": 16_777_216,  # 128 MiB by default, a quarter of the small heap
}

# Java's own talk goes to the node's log: what the broker does, without the 1,300 lines of its settings.
LOGGING = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
)
