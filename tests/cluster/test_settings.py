import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cluster.broker_settings import Node, broker_properties
from services.cluster.errors import ClusterError
from services.cluster.java import read_version
from services.cluster.kafka import draw_cluster_id, lay_nodes
from services.cluster.launch import join_roots, service_child
from services.cluster.ports import PORTS, free_ports, is_free
from services.cluster.state import ClusterRecord, RunningService, held, read_running

THREE = (Node(1, 21001, 22001), Node(2, 21002, 22002), Node(3, 21003, 22003))


def properties(node: Node, nodes: tuple[Node, ...]) -> dict[str, str]:
    """Return the settings as the broker reads them."""
    text = broker_properties(node, nodes, Path("/data"))
    return dict(line.split("=", 1) for line in text.splitlines())


def test_everything_of_a_node_listens_on_loopback() -> None:
    """No address but 127.0.0.1 is listened on or told to clients."""
    settings = properties(THREE[0], THREE[:1])
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:21001,CONTROLLER://127.0.0.1:22001"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:21001"
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:22001"


@pytest.mark.parametrize(("count", "replication", "in_sync"), [(1, "1", "1"), (3, "3", "2")])
def test_three_nodes_replicate_and_one_does_not(count: int, replication: str, in_sync: str) -> None:
    """Data, offsets and transactions alike: three copies with two in sync, or one."""
    settings = properties(THREE[0], THREE[:count])
    for name in ("default", "offsets.topic", "transaction.state.log"):
        assert settings[f"{name}.replication.factor"] == replication
    assert settings["min.insync.replicas"] == settings["transaction.state.log.min.isr"] == in_sync


def test_nodes_have_ports_of_their_own() -> None:
    """Six for three nodes, the first as told."""
    nodes = lay_nodes(3, first_port=25_000)
    assert nodes[0].port == 25_000
    assert len({port for node in nodes for port in (node.port, node.controller_port)}) == 6


def test_a_cluster_id_is_no_option() -> None:
    """One drawn in 64 would start with a dash, and Kafka's tools refuse it."""
    drawn = {draw_cluster_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert {len(each) for each in drawn} == {22}
    assert not any(each.startswith("-") for each in drawn)


def test_ports_are_none_that_outgoing_connections_get() -> None:
    """All lie in the range chosen, and a taken one is seen to be taken."""
    (port,) = free_ports(1)
    assert port in PORTS
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    assert is_free(port)


def test_a_port_is_given_to_one_program_alone() -> None:
    """Though nobody listens there yet: two that start at once would meet there some seconds later."""
    given, more = free_ports(2), free_ports(1)
    assert not set(given) & set(more)
    program = "from services.cluster import ports\nports.PORTS, ports.TRIES_MAX = {}, 2\nports.free_ports(1)"
    done = subprocess.run((sys.executable, "-c", program.format(given)), capture_output=True, text=True, check=False)
    assert "No 1 free ports were found" in done.stderr


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\n', 17),
        ('openjdk version "25" 2025-09-16 LTS\n', 25),
        ('java version "1.8.0_401"\n', 8),
        ("No Java runtime present, requesting install.\n", 0),
    ],
)
def test_java_tells_its_version(text: str, version: int) -> None:
    """Old and new manners of counting, and a stand-in that is none."""
    assert read_version(text) == version


def test_a_service_is_told_all_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Kafka, its page, what it may read, its instance, places for state and record, beside what we were told."""
    for told in ("STAYDOWN_STATE_DIR", "STAYDOWN_ARCHIVE_URL"):
        monkeypatch.delenv(told, raising=False)
    child = service_child("matcher", "127.0.0.1:20100", "127.0.0.1:20200", "/a:/b", tmp_path)
    assert child.command[1:] == ("-m", "services.matcher")
    assert child.log == tmp_path / "matcher.log"
    assert child.environment == {
        "STAYDOWN_KAFKA": "127.0.0.1:20200",
        "STAYDOWN_HTTP": "127.0.0.1:20100",
        "STAYDOWN_MEDIA_ROOTS": "/a:/b",
        "STAYDOWN_INSTANCE": "0",
        "STAYDOWN_STATE_DIR": str(tmp_path / "stores"),
        "STAYDOWN_ARCHIVE_URL": f"sqlite:///{tmp_path}/archive.sqlite",
    }


def test_media_roots_are_absolute_and_joined_by_colons(tmp_path: Path) -> None:
    """Links are resolved; what is no folder, or would be taken for two, is refused."""
    (tmp_path / "a:b").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    assert join_roots((tmp_path / "link", tmp_path)) == f"{tmp_path}:{tmp_path}"
    with pytest.raises(ClusterError, match="is no folder"):
        join_roots((tmp_path / "absent",))
    with pytest.raises(ClusterError, match="colon"):
        join_roots((tmp_path / "a:b",))


def test_the_state_directory_is_held_by_one(tmp_path: Path) -> None:
    """A second holder is refused in one sentence; after the first has gone, it is welcome."""
    with (
        held(tmp_path / "state"),
        pytest.raises(ClusterError, match="already"),
        held(tmp_path / "state"),
    ):
        pytest.fail("two held it")
    with held(tmp_path / "state"):
        assert True


def test_what_runs_can_be_looked_up_while_it_runs(tmp_path: Path) -> None:
    """services.json follows every start and is gone at the end."""
    with held(tmp_path):
        record = ClusterRecord(tmp_path, "127.0.0.1:1", {"matcher": "127.0.0.1:2"})
        record.note_kafka({"kafka-1": 10})
        record.note_services({"matcher": 11})
        record.note_services({"matcher": 12})
        running = read_running(tmp_path)
        assert running.kafka == {"kafka-1": 10}
        assert running.services == {"matcher": RunningService(12, "127.0.0.1:2")}
    with pytest.raises(ClusterError, match="No cluster is running"):
        read_running(tmp_path)


def test_who_wants_state_in_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is set, to nothing too, is passed on."""
    monkeypatch.setenv("STAYDOWN_STATE_DIR", "")
    child = service_child("matcher", "127.0.0.1:1", "127.0.0.1:2", "", Path("/state"))
    assert child.environment["STAYDOWN_STATE_DIR"] == ""
