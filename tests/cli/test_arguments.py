import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from services.cluster.ports import free_ports
from services.contracts.topics import TOPICS
from services.pipeline import PIPELINE, SERVICES
from tests.cli.conftest import Staydown

WORK = ("--rightsholder", "a", "--work", "b", "--title", "t")

WRONG = {
    "an unknown command": (("nonsense",), 'Unknown command "nonsense".'),
    "a missing option": (("uploads", "submit", "x"), "--uploader requires an argument"),
    "a word for a number": (("dlq", "show", "x", "--limit", "many"), 'unable to convert "many"'),
    "no time to wait": (("uploads", "delete", "u", "--timeout", "0"), "Must be > 0"),
    "an unknown reason": (("works", "release", "a", "b", "--reason", "BECAUSE"), "Choose from"),
    "an unknown ground": (("disputes", "open", "u", "--ground", "NONE", "--statement", "s"), "Choose from"),
    "no reviewer": (("reviews", "upload", "u", "d", "--decision", "PROTECT"), "--reviewer requires an argument"),
    "a day that is none": (("report", "statements", "--since", "2026-02-30"), "--since"),
    "no licensee": (("works", "license", "a", "--license", "l"), "Name exactly one of --uploader, --community"),
    "two licensees": (
        ("works", "license", "a", "--license", "l", "--platform", "--uploader", "b"),
        "Name exactly one of --uploader, --community and --platform.",
    ),
    "a time that is none": (("works", "license", "a", "--license", "l", "--platform", "--from", "soon"), "--from"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    staydown: Staydown, arguments: tuple[str, ...], sentence: str
) -> None:
    """Whoever mistypes learns what was wrong, on stderr, without a traceback."""
    outcome = staydown(*arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert sentence in outcome.err


KAFKA = ("--kafka", "k:1")
REFUSED = {
    "a file that is not there": (("works", "register", "/no/such.wav", *WORK), "/no/such.wav cannot be used: there is"),
    "a directory": (("uploads", "submit", "/", "--uploader", "u"), "/ cannot be used: it is not a regular file."),
    "a URI to hash here": (("uploads", "submit", "file:/x", "--uploader", "u", "--with-content"), "Only a file can"),
    "no cluster": (("verdicts", "watch", "--state", "/no/state"), "start one with `staydown up`, or name a Kafka"),
    "a media root that is none": (("up", "--state", "/no/state", "--media-root", "/no/root"), "/no/root is no folder"),
    "a key that is not there": (
        ("works", "settle", "a", "--key", "/no/key", *KAFKA),
        "/no/key cannot be read: No such",
    ),
    "a public key that is not there": (
        ("rightsholders", "enroll", "a", "--name", "A", "--public-key", "/no/key", *KAFKA),
        "/no/key cannot be read: No such file or directory.",
    ),
    "a public key that is none": (
        ("rightsholders", "enroll", "a", "--name", "A", "--public-key", __file__, *KAFKA),
        "holds no public key as `staydown keys generate` writes it.",
    ),
    "a replay from a topic that is none": (("dlq", "replay", "x", "0", "0", *KAFKA), "x is no topic of dead letters"),
    "a topic that is none": (("dlq", "show", "x", "--kafka", "k:1"), "x is no topic of dead letters; there are"),
}


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(
    staydown: Staydown, arguments: tuple[str, ...], sentence: str
) -> None:
    """An error says what to do, and nothing else is printed."""
    outcome = staydown(*arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert sentence in outcome.err


TALKING = (
    ("rightsholders", "restore", "a"),
    ("works", "release", "a", "b"),
    ("works", "status", "a", "b"),
    ("uploads", "delete", "u"),
    ("verdicts", "watch"),
    ("verdicts", "show", "u"),
    ("dlq", "list"),
    ("works", "settle", "a"),
    ("disputes", "withdraw", "u", "d"),
    ("disputes", "show", "u"),
    ("reviews", "list"),
    ("notices", "watch"),
    ("takedowns", "watch"),
    ("strikes", "list"),
    ("report", "statements"),
    ("topics", "create"),
    ("topics", "check"),
)


@pytest.mark.parametrize("arguments", TALKING, ids=" ".join)
def test_a_kafka_that_does_not_answer_is_named(staydown: Staydown, arguments: tuple[str, ...]) -> None:
    """Every command that talks to a cluster says where it looked for one, and gives up soon."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    outcome = staydown(*arguments, "--kafka", address)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"staydown: No Kafka answers at {address}.\n")


def test_services_as_json_are_the_pipeline(staydown: Staydown) -> None:
    """A program that reads the pipeline reads what runs."""
    outcome = staydown("services", "--json")
    told = json.loads(outcome.out)
    assert outcome.code == 0
    assert [each["name"] for each in told] == list(SERVICES)
    for each, processor in zip(told, PIPELINE, strict=False):
        assert set(each) == {"name", "reads", "broadcasts", "writes", "state", "engine"}
        assert each["reads"] == [topic.name for topic in processor.reads]
        assert each["writes"] == [topic.name for topic in processor.writes]
        assert each["broadcasts"] == [topic.name for topic in processor.broadcasts]
        assert (each["state"], each["engine"]) == (processor.keeps, processor.engine.value)
    archivist = told[-1]
    assert (archivist["name"], archivist["engine"], archivist["writes"]) == ("archivist", "faust", [])
    assert set(archivist["reads"]) == {topic.name for topic in TOPICS if topic.public}


def test_services_as_a_table_name_each_service_and_topic(staydown: Staydown) -> None:
    """A person sees the same."""
    told = staydown("services").out
    for processor in PIPELINE:
        assert processor.name in told
        assert all(topic.name in told for topic in (*processor.reads, *processor.writes))


def test_every_command_explains_itself(staydown: Staydown) -> None:
    """Each command that is listed has help, and lists no more than it has."""
    seen = list(_commands(staydown, ()))
    assert ("works", "register") in seen
    assert len(seen) > len(TALKING)


def _commands(staydown: Staydown, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    outcome = staydown(*path, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Usage: staydown")
    if " Commands " not in outcome.out:
        yield path
        return
    for name in re.findall(r"^│ ([a-z]+) ", outcome.out, re.MULTILINE):
        yield from _commands(staydown, (*path, name))


def test_ctrl_c_ends_quietly_with_130() -> None:
    """A download or a wait that a person stops leaves no traceback."""
    code = (
        "import os, signal, sys\n"
        "from services.cli import APP, run\n"
        "@APP.command\n"
        "def interrupted():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(run(['interrupted']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_reader_that_went_away_is_no_traceback() -> None:
    """`staydown services --json | head -1` ends quietly."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "services.cli", "services"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")
