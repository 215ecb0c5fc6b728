import json
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.capacity.coefficients import BROKER, read_coefficients
from loadtest.capacity.showing import amount, cost, size
from loadtest.capacity.works import KEEPERS
from loadtest.command import EXIT_ARGUMENTS, EXIT_FAILED, main
from services.pipeline import PIPELINE


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    """Return the exit code of the command, and what it said, folded."""
    with pytest.raises(SystemExit) as ended:
        main(["cost", *arguments])
    said = capsys.readouterr()
    return ended.value.code, " ".join((said.err + said.out).replace("│", " ").split())


@pytest.mark.parametrize("preset", ["vk", "youtube"])
def test_a_preset_is_answered_with_its_arithmetic(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, preset: str
) -> None:
    """By the coefficients that are committed; what is not measured yet is said."""
    figures = tmp_path / "figures.json"
    code, said = run(capsys, "--preset", preset, "--json", str(figures))
    assert code == 0
    for word in (
        "uploads * ",
        "chunks * ",
        "cores for the services",
        "parts of the index",
        "brokers",
        "Measured on",
        "No measurement yet",
    ):
        assert word in said
    report = json.loads(figures.read_text())
    assert report["answer"]["cores"] > 0
    assert len(report["answer"]["lines"]) > 20


def test_a_presets_number_can_be_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """What is given counts more than what is known."""
    _, said = run(capsys, "--preset", "vk", "--uploads-per-day", "864000", "--peak", "2")
    assert "864,000 a day ÷ 86,400 s * 2 20/s" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say --uploads-per-day, --megabytes, --references, or name a platform by --preset."),
        (("--uploads-per-day", "1", "--megabytes", "1"), "Say --references, or name"),
        (("--preset", "vk", "--uploads-per-day", "0"), "uploads_per_day must be from 1 to 1e+11, and is 0."),
        (("--preset", "vk", "--megabytes", "-5"), "megabytes must be from"),
        (("--preset", "vk", "--peak", "nan"), "peak must be from 1 to 100, and is nan."),
        (("--preset", "vk", "--utilisation", "1"), "utilisation must be from 0.05 to 0.9, and is 1."),
        (("--preset", "vk", "--replication", "1.5"), "replication must be a whole number"),
        (("--preset", "vk", "--index-parts", "17"), "index_parts must be from 0 to 16, and is 17."),
        (("--preset", "vk", "--index-parts", "1.5"), "index_parts must be a whole number, and is 1.5."),
        (("--measure", "--only", "everything"), "everything"),
        (("--preset", "myspace"), "myspace"),
    ],
)
def test_absurd_questions_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """With one sentence, and the exit code of a wrong argument."""
    code, said = run(capsys, *arguments)
    assert code == EXIT_ARGUMENTS
    assert sentence in said


@pytest.mark.parametrize("content", [None, b"{}", b"no JSON"])
def test_coefficients_that_are_none_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None
) -> None:
    """A missing file, an empty object, garbage."""
    path = tmp_path / "coefficients.json"
    if content is not None:
        path.write_bytes(content)
    code, said = run(capsys, "--preset", "vk", "--coefficients", str(path))
    assert code == EXIT_FAILED
    assert said.startswith(f"The coefficients {path} ")


def test_the_committed_coefficients_cover_every_service_there_is() -> None:
    """A service that is added must be measured, or the model answers without it."""
    known = read_coefficients()
    assert {processor.name for processor in PIPELINE} | {BROKER} <= set(known.upload.cpu_us)
    assert all(known.takedown.cpu_us[name] > 0 for name in ("enforcer", "matcher", "ledger", BROKER))
    assert all(known.reinstatement.cpu_us[name] > 0 for name in ("enforcer", "matcher", "ledger", BROKER))
    assert known.gigabyte_cpu_us["hasher"] > 0
    assert known.upload.topic_bytes["verdicts.decided.v1"] > known.upload.kept_bytes["verdicts.decided.v1"] > 0
    assert known.machine


def test_the_committed_coefficients_say_what_comparing_costs() -> None:
    """And it is what is compared: a chunk is 16 bytes of its sample, in base64, in each topic that carries one."""
    known = read_coefficients().comparing
    for topic in ("uploads.read.v1", "copies.changed.v1", "contents.admitted.v1", "recogniser.state"):
        assert known.chunk.topic_bytes[topic] == pytest.approx(16 * 4 / 3, rel=0.05)
    assert known.moved.topic_bytes["contents.divided.v1"] == pytest.approx(16 * 4 / 3, rel=0.1)
    assert known.chunk.cpu_us["recogniser"] > 0 < known.part.cpu_us["recogniser"]
    assert known.part.topic_bytes["contents.met.v1"] > 100
    assert known.chunk.memory_bytes["recogniser"] > known.chunk.kept_bytes["recogniser.state"]
    assert known.chunk.found_by_bytes["recogniser"] > 0


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (amount(0.01234), "0.0123"),
        (amount(99.94), "99.9"),
        (amount(1234.5), "1,234"),
        (amount(0), "0"),
        (size(999), "999 B"),
        (size(1e3), "1 kB"),
        (size(1.5e13), "15 TB"),
        (size(5e21), "5,000 EB"),
        (cost(999), "999 µs"),
        (cost(612_745), "613 ms"),
        (cost(2e6), "2 s"),
    ],
)
def test_numbers_are_shown_to_three_digits_with_their_unit(shown: str, text: str) -> None:
    """They are rounded for showing alone."""
    assert shown == text


@pytest.mark.kafka
@pytest.mark.nightly
def test_the_coefficients_can_be_measured_anew(tmp_path: Path) -> None:
    """The command itself, small: every service costs something, and topics grow."""
    path = tmp_path / "coefficients.json"
    options = ("--measure", "--uploads", "1000", "--rounds", "1", "--coefficients", str(path))
    done = subprocess.run(
        (sys.executable, "-m", "loadtest", "cost", *options), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    known = read_coefficients(path)
    assert min(known.upload.cpu_us[name] for name in ("hasher", "enforcer", "matcher", BROKER)) > 0
    assert known.registration.cpu_us["registry"] > 0
    assert known.takedown.cpu_us["ledger"] > 0
    assert known.reinstatement.topic_bytes["strikes.incurred.v1"] > 0
    assert known.takedown.topic_bytes["takedowns.issued.v1"] > known.upload.topic_bytes["uploads.read.v1"] > 0
    assert known.gigabyte_cpu_us["hasher"] > 100_000
    assert set(known.upload.memory_bytes) == KEEPERS
    assert known.comparing.chunk.kept_bytes["recogniser.state"] == pytest.approx(16 * 4 / 3, rel=0.05)
    assert known.comparing.part.topic_bytes["contents.divided.v1"] > 0
