"""Registering many works against a running `staydown up`: progress, what went wrong, and beginning again."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.contracts.topics import WORKS_SUBMITTED
from tests.cli.conftest import Cluster, Staydown
from tests.cli.topics import Topics

pytestmark = pytest.mark.kafka

NAMES = ("a b.wav", "ünï-cödé.mp3", 'it\'s "x"; y.flac', "two\nlines.png")


@pytest.fixture
def folder(cluster: Cluster, run_id: str) -> Path:
    """Return a folder with works of any name, two of which are the same bytes, and with what is no work."""
    folder = cluster.media / run_id
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"{name} of {run_id}")
    (folder / "copy of a b.wav").write_bytes((folder / NAMES[0]).read_bytes())
    (folder / "empty.wav").touch()
    (folder / "notes.txt").write_text("not a work")
    return folder


def enroll(staydown: Staydown, cluster: Cluster, run_id: str) -> str:
    """Let a rightsholder in who is trusted, and return their id."""
    staydown("rightsholders", "enroll", run_id, "--name", "A", "--standing", "TRUSTED", "--state", cluster.state)
    return run_id


def register(staydown: Staydown, cluster: Cluster, label: str, *more: object) -> tuple[int, dict[str, Any]]:
    """Register many works of a label; return the exit code, and the outcomes by where they stand."""
    paper = ("--document", cluster.paper, "--attest", "A. Person")
    told = staydown("works", "register", "--rightsholder", label, *paper, *more, "--json", "--state", cluster.state)
    assert told.err == ""
    return told.code, {found["where"]: found for found in map(json.loads, told.out.splitlines())}


def whats(outcomes: dict[str, Any]) -> dict[str, str]:
    """Return what became of each."""
    return {where: outcome["what"] for where, outcome in outcomes.items()}


def submissions(cluster: Cluster, label: str) -> int:
    """Return how many submissions of a label there are."""
    return len(Topics(cluster.bootstrap).records(WORKS_SUBMITTED, label))


def test_a_folder_is_registered_and_what_is_wrong_is_told(
    staydown: Staydown, cluster: Cluster, folder: Path, run_id: str
) -> None:
    """Any name will do; an empty file fails alone; the same bytes are one work; a second run submits nothing."""
    label = enroll(staydown, cluster, run_id)
    here = ("--state", cluster.state)
    staydown("uploads", "submit", folder / NAMES[3], "--uploader", run_id, "--upload", run_id, "--wait", *here)
    code, first = register(staydown, cluster, label, "--from", folder)
    expected = dict.fromkeys(NAMES, "REGISTERED")
    others = {"copy of a b.wav": "SKIPPED", "empty.wav": "UNUSABLE", "notes.txt": "SKIPPED"}
    assert (code, whats(first)) == (1, {**expected, **others})
    assert (first[NAMES[3]]["copies_found"], "it is empty" in first["empty.wav"]["why"]) == (1, True)
    work = first[NAMES[0]]["work_id"]
    assert "in force since" in staydown("works", "status", label, work, *here).out
    (folder / "empty.wav").unlink()
    code, second = register(staydown, cluster, label, "--from", folder)
    assert (code, whats(second)) == (0, {**dict.fromkeys(NAMES, "UNCHANGED"), **dict(list(others.items())[::2])})
    assert submissions(cluster, label) == len(NAMES)


def test_what_was_refused_or_released_is_submitted_anew(
    staydown: Staydown, cluster: Cluster, folder: Path, run_id: str
) -> None:
    """Under another id, since an id is answered once; what is in force is left alone."""
    (folder / "empty.wav").unlink()
    code, refused = register(staydown, cluster, run_id, "--from", folder)
    assert (code, refused[NAMES[0]]["what"]) == (1, "REFUSED")
    assert "UNKNOWN_RIGHTSHOLDER at rightsholder_id: " in refused[NAMES[0]]["why"]
    label = enroll(staydown, cluster, run_id)
    code, cured = register(staydown, cluster, label, "--from", folder)
    assert (code, cured[NAMES[0]]["what"]) == (0, "REGISTERED")
    work = cured[NAMES[0]]["work_id"]
    assert staydown("works", "release", label, work, "--state", cluster.state).code == 0
    again = whats(register(staydown, cluster, label, "--from", folder)[1])
    assert {name: again[name] for name in NAMES} == {**dict.fromkeys(NAMES, "UNCHANGED"), NAMES[0]: "REGISTERED"}


def test_a_folder_with_one_file_is_one_work(staydown: Staydown, cluster: Cluster, run_id: str) -> None:
    """By its digests too, and shown as a table; nothing is fetched from where the cluster may not read."""
    label = enroll(staydown, cluster, run_id)
    (cluster.state / run_id).mkdir()
    (cluster.state / run_id / "one.wav").write_text(run_id)
    what = ("--rightsholder", label, "--from", cluster.state / run_id, "--by-digest")
    paper = ("--document", cluster.paper, "--attest", "A")
    told = staydown("works", "register", *what, *paper, "--state", cluster.state)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[0].split() == ["where", "what", "work", "title", "copies", "why"]
    assert told.out.splitlines()[1].split()[:2] == ["one.wav", "REGISTERED"]
    assert told.out.splitlines()[-1] == "1 REGISTERED"


def test_a_list_is_registered_row_by_row(
    staydown: Staydown, cluster: Cluster, folder: Path, run_id: str, tmp_path: Path
) -> None:
    """A bad row is told with its line, and the rest goes on; what a row says goes before what the options say."""
    label = enroll(staydown, cluster, run_id)
    rows = (
        "work_id,file,uri,title,attested_by,policy",
        f'w-1,"{folder / NAMES[0]}",,First,,TRACK',
        f"w-1,{folder / NAMES[1]},,Second,,",
        "w-2,nowhere.wav,,,,",
        f"w-3,,{(folder / NAMES[1]).as_uri()},Third,,",
        ",,,,,",
        f"w-4,{folder / NAMES[1]},,{'x' * 16_385},,",
    )
    (tmp_path / "works.csv").write_text("\n".join(rows))
    code, found = register(staydown, cluster, label, "--csv", tmp_path / "works.csv")
    assert (code, whats(found)) == (
        1,
        {
            "line 2": "REGISTERED",
            "line 3": "UNUSABLE",
            "line 4": "UNUSABLE",
            "line 5": "REGISTERED",
            "line 6": "UNUSABLE",
            "line 7": "REFUSED",
        },
    )
    assert found["line 3"]["why"] == "its work_id stands at line 2 already"
    assert "there is no such file" in found["line 4"]["why"]
    assert "register.title" in found["line 7"]["why"]
    assert "TRACK everywhere" in staydown("works", "status", label, "w-1", "--state", cluster.state).out


CLASHES = {
    "two places": ("--from", "x", "--csv", "y"),
    "a file as well": ("song.wav", "--from", "x"),
    "a title as well": ("--title", "t", "--from", "x"),
    "a submission as well": ("--submission", "s", "--csv", "x"),
    "two papers": ("--document", "a", "--document", "b", "--from", "x"),
    "nothing": (),
}


@pytest.mark.parametrize("options", CLASHES.values(), ids=CLASHES)
def test_what_does_not_go_together_is_refused(staydown: Staydown, options: tuple[str, ...]) -> None:
    """In one sentence, before anything is read."""
    outcome = staydown("works", "register", *options, "--rightsholder", "a", "--kafka", "127.0.0.1:1")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
