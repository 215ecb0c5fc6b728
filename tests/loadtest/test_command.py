import json
import math
from pathlib import Path

import pytest

from loadtest.command import EXIT_ARGUMENTS, EXIT_FAILED, EXIT_INCORRECT, EXIT_VOID, exit_code, main
from loadtest.report import Goal, save
from services.cluster.ports import free_ports
from tests.loadtest.reports import WRONG, report


def exit_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    """Return the exit code of the command, and what it said on stderr, its lines and frames folded."""
    with pytest.raises(SystemExit) as ended:
        main(["steady", *arguments])
    said = capsys.readouterr()
    return ended.value.code, " ".join((said.err + said.out).replace("│", " ").split())


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1:9092",
        "localhost:9092",
        "0.0.0.0:9092",
        "kafka.example.org:9092",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "127.0.0.1:9092,10.0.0.1:9092",
        "10.0.0.1:9092,127.0.0.1:9092",
        "[::1]:9092",
        ":9092",
        "",
    ],
)
def test_no_address_but_this_machines_own_is_loaded(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, address: str
) -> None:
    """A name may lead anywhere, so even localhost is refused."""
    code, said = exit_of(capsys, "--kafka", address, "--media-root", str(tmp_path))
    assert code == EXIT_ARGUMENTS
    assert "A load test talks to 127.0.0.1:PORT alone." in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--rate", "0"), "Must be > 0."),
        (("--rate", "-1"), "Must be > 0."),
        (("--rate", "nan"), "for --rate"),
        (("--seconds", "999999"), "Must be <= 3600."),
        (("--size", "1"), "Must be >= 16."),
        (("--listed", "2"), "Must be <= 1."),
        (("--rate", "20000", "--seconds", "3600"), "1 to 1,000,000 can be sent."),
        (("--rate", "0.01", "--seconds", "1", "--warm-up-seconds", "0"), "make 0 uploads"),
        (("--size", "1000000000"), "17,179,869,184 are allowed."),
        (("--kafka", "127.0.0.1:9092"), "name by --media-root a folder"),
        (("--kafka", "127.0.0.1:9092", "--media-root", "/nowhere/at/all"), "name by --media-root a folder"),
        (("--state", "."), "name it by --kafka"),
        (("--twice", "archivist"), "archivist is none of hasher, registry"),
        (("--twice", "matcher", "--kafka", "127.0.0.1:9092", "--media-root", "."), "--twice is for a cluster"),
        (("--registrations", "-1"), "Must be >= 0."),
        (("--repeats", "0"), "Must be >= 1."),
        (("--contents", "0"), "Must be >= 1."),
        (("--json", "/nowhere/at/all.json"), "there is no folder /nowhere/at."),
        (("--plot", "/proc/self/stat"), "/proc/self/stat is no folder."),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """With one sentence that names it, and exit code 2."""
    code, said = exit_of(capsys, *arguments)
    assert code == EXIT_ARGUMENTS
    assert sentence in said


def test_a_broker_that_does_not_answer_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is no wrong argument, and no void run either."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    code, said = exit_of(capsys, "--kafka", address, "--media-root", str(tmp_path))
    assert (code, said) == (EXIT_FAILED, f"No Kafka answers at {address}.")
    assert list(tmp_path.iterdir()) == []


def test_each_way_a_run_can_end_has_its_exit_code() -> None:
    """A wrong verdict is wrong however late the generator was."""
    assert exit_code(report()) == 0
    assert exit_code(report(void=("late",))) == EXIT_VOID
    assert exit_code(report(WRONG)) == EXIT_INCORRECT
    assert exit_code(report(WRONG, ("late",))) == EXIT_INCORRECT


def test_a_figure_that_is_missing_is_null_and_no_goal_is_reached_by_it(tmp_path: Path) -> None:
    """JSON knows no NaN."""
    save(report(), tmp_path / "figures.json")
    saved = json.loads((tmp_path / "figures.json").read_text())
    assert saved["figures_ms"]["submitted → verdict"]["p99"] is None
    assert saved["machine"]["cores"] == 2
    assert saved["load"]["rate"] == 200
    assert saved["numbers"] == [{"name": "copies down", "value": 5000.0, "unit": "per second"}]
    assert not Goal("p50", 150, math.nan).is_reached
    assert not Goal("copies down", 150, math.nan, "per second", at_least=True).is_reached


def test_a_goal_is_a_limit_from_above_or_from_below() -> None:
    """A latency is to be below it, a rate at least that."""
    assert [Goal("p50", 150, reached).is_reached for reached in (149, 150)] == [True, False]
    rates = [Goal("down", 150, reached, "per second", at_least=True).is_reached for reached in (149, 150)]
    assert rates == [False, True]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("knee", "--first", "2000", "--last", "1000"), "--last is below --first."),
        (("knee", "--step", "1"), "at most 40 are climbed"),
        (("knee", "--first", "20000", "--last", "20000", "--seconds", "600"), "may have 5,000,000 uploads"),
        (("hotkey", "--copies", "0"), "Must be >= 1."),
        (("hotkey", "--no-alone", "--others", "0"), "there must be --others"),
        (("hotkey", "--others", "0.001"), "too slow to be measured"),
        (("burst", "--burst", "0"), "Must be >= 1."),
        (("backlog", "--uploads", "0"), "Must be >= 1."),
        (("backlog", "--kafka", "127.0.0.1:9092"), "--kafka"),
        (("registrations", "--rate", "2000", "--seconds", "600"), "1 to 200,000 can be registered"),
        (("mixed", "--rate", "0.01", "--seconds", "1", "--warm-up-seconds", "0"), "make 0 events"),
        (("soak", "--rate", "20000", "--seconds", "86400"), "1 to 5,000,000 can be sent"),
        (("hotkey", "--kafka", "10.0.0.1:9092"), "A load test talks to 127.0.0.1:PORT alone."),
    ],
)
def test_every_profile_refuses_what_it_cannot_do(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """Each by a bound of its own, before anything starts."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert ended.value.code == EXIT_ARGUMENTS
    assert sentence in " ".join((said.err + said.out).replace("│", " ").split())
