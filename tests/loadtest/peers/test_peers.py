import json
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.command import EXIT_ARGUMENTS, main
from loadtest.peers.figures import FAUST, LOOP, PLAIN, SHORTEST, STAYDOWN

UPLOADS = 300


@pytest.mark.kafka
def test_everybody_answers_every_upload_rightly(tmp_path: Path) -> None:
    """A small run of the command itself: each row is there, measured, and without an error."""
    figures = tmp_path / "figures.json"
    options = ("--uploads", str(UPLOADS), "--size", "4096", "--listed", "0.2", "--rounds", "1", "--warm-ups", "0")
    command = (sys.executable, "-m", "loadtest", "peers", *options, "--json", str(figures))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    report = json.loads(figures.read_text())
    nothing = dict.fromkeys(("missed", "wrong", "duplicate", "delayed"), 0)
    assert report["truth"] == {"uploads": 9 * UPLOADS, **nothing, "examples": []}
    rows = {(row["stage"], row["who"]): row for row in report["rows"]}
    assert list(rows) == [
        *(("whole pipeline", who) for who in (STAYDOWN, PLAIN, SHORTEST, FAUST, LOOP)),
        *(("hashing alone", who) for who in (STAYDOWN, PLAIN, SHORTEST, LOOP)),
    ]
    processes = {key: set(row["passes"][0]["used"]["by_process"]) - {"kafka-1", "reader"} for key, row in rows.items()}
    assert processes["whole pipeline", STAYDOWN] >= {"hasher", "registry", "enforcer", "matcher"}
    assert processes["hashing alone", STAYDOWN] == {"hasher"}
    assert processes["whole pipeline", PLAIN] == {"consumer"}
    assert processes["whole pipeline", SHORTEST] == {"shortest"}
    assert all(row["passes"][0]["seconds"] > 0 for row in rows.values())
    assert [goal["figure"].split(",")[0] for goal in report["goals"]] == ["Staydown ÷ plain consumer"]
    assert "own and broker" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--uploads", "0"), "Must be >= 1."),
        (("--uploads", "200001"), "Must be <= 200000."),
        (("--size", "1"), "Must be >= 16."),
        (("--size", "4096", "--size", "4096"), "A size is named twice."),
        (("--uploads", "200000", "--size", "1000000"), "17,179,869,184 are allowed."),
        (("--rounds", "0"), "Must be >= 1."),
        (("--listed", "nan"), "for --listed"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    """With a sentence that names it."""
    with pytest.raises(SystemExit) as ended:
        main(["peers", *arguments])
    said = capsys.readouterr()
    assert ended.value.code == EXIT_ARGUMENTS
    assert sentence in " ".join((said.err + said.out).replace("│", " ").split())
