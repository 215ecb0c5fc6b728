"""The hashing profile: what it refuses, what it counts, and that the limit is taken of the same bytes."""

import json
from pathlib import Path

import pytest

from loadtest.command import EXIT_ARGUMENTS, EXIT_INCORRECT, exit_code, main
from loadtest.hashing.files import FILES_MAX, disk_bytes, make
from loadtest.hashing.limit import compute_seconds, limit_seconds
from loadtest.hashing.measure import READS_MAX, reads_of
from loadtest.hashing.report import HashingReport, Memory, RatioGoal, SizeFigures, goals, save, size_name, spread
from loadtest.machine import Machine
from loadtest.target import LoadTestError
from loadtest.truth import Tally
from services.runtime.scanning import PIECE_BYTES, scan_whole

MIB = 1024 * 1024
MACHINE = Machine(2, "a CPU", 1024, "Linux", "CPython", "Kafka", 0.0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--sizes", "0"), "A size is from 1 to"),
        (("--sizes", "99999999999"), "A size is from 1 to"),
        (("--sizes", "4096", "--sizes", "4096"), "Each size is measured once."),
        (tuple(f"--sizes={4 * 1024**3 - number}" for number in range(5)), "The files would take more than"),
        (("--total", "0"), "Must be >= 1."),
        (("--rounds", "0"), "Must be >= 1."),
        (("--memory-gb", "-1"), "Must be >= 0."),
        (("--rate", "5"), "--rate"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """With one sentence, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(["hashing", *arguments])
    said = capsys.readouterr()
    assert ended.value.code == EXIT_ARGUMENTS
    assert sentence in " ".join((said.err + said.out).replace("│", " ").split())


@pytest.mark.parametrize("size", [16, 4096, MIB, 40 * MIB])
def test_files_are_bounded_and_the_truth_about_them_is_right(size: int, tmp_path: Path) -> None:
    """It comes from other calls than the scan's."""
    files = make(tmp_path / "files", size, 1)
    assert len(files.made) <= FILES_MAX
    assert sum(path.stat().st_size for path in (tmp_path / "files").iterdir()) == disk_bytes(size)
    first = files.made[0]
    assert scan_whole(memoryview(Path(first.path).read_bytes())).content == first.content
    assert len({file.content for file in files.made}) == len(files.made)


@pytest.mark.parametrize("size", [4096, PIECE_BYTES, 3 * PIECE_BYTES + 5])
def test_the_limit_is_taken_of_right_digests(size: int, tmp_path: Path) -> None:
    """Both the loop and the scan are compared with the truth."""
    files = make(tmp_path / "files", size, 2)
    assert limit_seconds(files, 8) > 0
    assert compute_seconds(files, 8) > 0
    for file in files.made:
        with Path(file.path).open("r+b") as changed:
            changed.write(b"other")
    with pytest.raises(LoadTestError):
        limit_seconds(files, 8)


def test_so_much_is_read_that_a_figure_means_something() -> None:
    """Some reads of the largest, not endlessly many of the smallest."""
    assert reads_of(4096, 10**12) == READS_MAX
    assert reads_of(MIB, 100 * MIB) == 100
    assert reads_of(1024 * MIB, 1) >= 2


def _figures(size: int, ratio: float) -> SizeFigures:
    one = spread([1.0])
    return SizeFigures(size, 8, one, one, one, spread([ratio - 0.1, ratio, ratio + 0.1]), one, one)


def test_goals_are_of_the_sizes_that_have_them(tmp_path: Path) -> None:
    """A missed one is told and changes no exit code; a wrong digest does."""
    sizes = [_figures(4096, 0.2), _figures(65_536, 0.5), _figures(MIB, 0.9), _figures(16 * MIB, 0.89)]
    reached = goals(sizes, Memory(100.0, 1000, 1051))
    assert [goal.is_reached for goal in reached] == [True, True, False, False]
    assert RatioGoal("memory", "≤", 0.05, 0.05).is_reached
    right, wrong = Tally(8, 0, 0, 0, ()), Tally(8, 0, 1, 0, ("wrong",))
    report = HashingReport("hashing", 1, 1, MACHINE, (), right, tuple(sizes), None, reached)
    save(report, tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text())["sizes"][1]["ratio"]["median"] == 0.5
    assert exit_code(report) == 0
    assert exit_code(HashingReport("hashing", 1, 1, MACHINE, (), wrong, (), None, ())) == EXIT_INCORRECT


@pytest.mark.parametrize(("size", "name"), [(1, "1 B"), (65_536, "64 KiB"), (MIB, "1 MiB"), (2**30, "1 GiB")])
def test_sizes_are_said_as_people_say_them(size: int, name: str) -> None:
    """In whole units."""
    assert size_name(size) == name
