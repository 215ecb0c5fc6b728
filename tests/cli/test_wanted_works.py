"""From folders and CSV files to works: what is asked for, and what is wrong with it, line by line."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.client.bulk import What, submission_of
from services.client.errors import ClientError
from services.client.reading_back import KnownWork
from services.client.wanted import COLUMNS, Unusable, Wanted, works_in_csv, works_in_folder
from services.contracts.decided import WorkReceipt
from services.contracts.submitted import Policy, Register, Release, Settle
from tests.cli.facts import receipt, submitted

Status, Reason = WorkReceipt.Status, WorkReceipt.Reason
ROOT = Path(__file__).parents[2]


def read(folder: Path, text: str) -> list[Wanted | Unusable]:
    """Return what a CSV file asks for."""
    (folder / "works.csv").write_bytes(text.encode())
    return works_in_csv(folder / "works.csv")


def test_a_row_may_say_everything(tmp_path: Path) -> None:
    """Files and papers lie from the CSV file's folder on; times are UTC unless they say more."""
    head = ",".join(COLUMNS)
    row = 'w-1,"a ""b"", c.wav",,"Lärm\n2",A; B,DE1,paper.pdf,Ann,track,de;FR,300,2026-01-01,2026-02-01T01:00:00+01:00'
    assert read(tmp_path, f"{head}\n{row}\n") == [
        Wanted(
            "line 2",
            str(tmp_path / 'a "b", c.wav'),
            "w-1",
            "Lärm\n2",
            ("A", "B"),
            "DE1",
            str(tmp_path / "paper.pdf"),
            "Ann",
            Policy(Policy.Action.TRACK, ("DE", "FR"), 300),
            datetime(2026, 1, 1, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
        )
    ]


def test_a_row_needs_no_more_than_a_file(tmp_path: Path) -> None:
    """It is titled after its file; spreadsheets write a byte order mark, semicolons and CRLF."""
    assert read(tmp_path, "\ufefffile;isrc\r\nmy song.wav;\r\n\r\n") == [
        Wanted("line 2", str(tmp_path / "my song.wav"), title="my song")
    ]


WRONG = {
    "a,b.wav,,": "exactly one of file and uri",
    ",,,": "exactly one of file and uri",
    ",a.wav,s3://b/c,": "exactly one of file and uri",
    ",,s3://b/c,": "needs a work_id",
    "w,,b/c,": "names no scheme",
    ",a.wav,,NEVER": "the policy NEVER is none of BLOCK, REVIEW, TRACK",
    ",a.wav,,,,x": "6 fields, and 4 columns",
    ',"a"b.wav,,': "no CSV: ",
}


def test_a_bad_row_is_told_with_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    """The line on which it begins, also after a row that goes over several."""
    (first, *rest), last = list(WRONG), ",z.wav,,"
    text = "\n".join(["work_id,file,uri,policy", 'w,"a\nb.wav",,', *rest, last])
    found = read(tmp_path, text)
    assert [each.where for each in found] == ["line 2", *(f"line {4 + number}" for number in range(len(rest) + 1))]
    for each, row in zip(found[1:-1], rest, strict=True):
        assert isinstance(each, Unusable), row
        assert WRONG[row] in each.why
    assert isinstance(found[-1], Wanted)
    assert first


@pytest.mark.parametrize(("column", "value", "why"), [
    ("territories", "DE;Germany", "no two-letter countries: GERMANY"),
    ("excerpt_ms", "-1", "no number of milliseconds: -1"),
    ("valid_until", "soon", "valid_until is no time"),
])  # fmt: skip
def test_a_value_that_means_nothing_is_named(tmp_path: Path, column: str, value: str, why: str) -> None:
    """With the column and the value."""
    (found,) = read(tmp_path, f"file,{column}\na.wav,{value}\n")
    assert isinstance(found, Unusable)
    assert why in found.why


UNUSABLE = {
    b"": "must name columns",
    b"file,nonsense\na,b": "unknown ones: nonsense",
    b"file,file\na,b": "each once",
    b"title\na": "`file` or `uri`",
    b"file\n": "has no row",
    b"file\n\xff": "is not UTF-8",
}


@pytest.mark.parametrize(("content", "why"), UNUSABLE.items())
def test_a_file_that_is_no_list_is_refused_as_a_whole(tmp_path: Path, content: bytes, why: str) -> None:
    """Before anything is submitted."""
    (tmp_path / "works.csv").write_bytes(content)
    with pytest.raises(ClientError, match=why):
        works_in_csv(tmp_path / "works.csv")


def test_a_folder_s_media_are_its_works(tmp_path: Path) -> None:
    """Below it, in their order; what is hidden is passed over, and what is no medium by its name is told."""
    names = ("a b.wav", "ünï.mp3", 'it\'s "x".flac', "two\nlines.png", "sub/c.mp4", ".hidden.wav", "notes.txt")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = works_in_folder(tmp_path)
    assert {each.where for each in found if isinstance(each, Wanted)} == set(names[:5])
    assert [each for each in found if isinstance(each, Unusable)] == [
        Unusable("notes.txt", "no audio, image or video by its name", is_wrong=False)
    ]
    assert all(each.title == Path(each.where).stem for each in found if isinstance(each, Wanted))


def test_a_name_that_is_no_utf_8_is_escaped(tmp_path: Path) -> None:
    """Its bytes stay what names the file."""
    (tmp_path / os.fsdecode(b"\xff.wav")).write_text("x")
    (found,) = works_in_folder(tmp_path)
    assert isinstance(found, Wanted)
    assert (found.title, Path(found.source).is_file()) == ("\\udcff", True)


@pytest.mark.parametrize("name", ["", "none"])
def test_a_folder_without_media_is_an_error(tmp_path: Path, name: str) -> None:
    """Nothing to do is most likely the wrong folder."""
    with pytest.raises(ClientError):
        works_in_folder(tmp_path / name)


ACCEPTED = receipt(Status.ACCEPTED, "n-1")
REFUSED = receipt(Status.REJECTED, "n-1", reasons=(Reason.MISSING_DOCUMENT,))
KNOWN: dict[str, tuple[tuple[WorkReceipt, ...], str | What]] = {
    "nothing": ((), "n-1"),
    "in force": ((ACCEPTED, receipt(Status.ENFORCED, "n-1")), What.UNCHANGED),
    "held": ((receipt(Status.HELD, "n-1"),), What.HELD),
    "refused": ((REFUSED,), "n-2"),
    "refused by a person": ((receipt(Status.HELD, "n-1"), receipt(Status.REJECTED, "n-1")), "n-2"),
    "refused and cured": ((REFUSED, receipt(Status.ACCEPTED, "n-2")), What.UNCHANGED),
    "released": ((ACCEPTED, receipt(Status.RELEASED, "x")), "n-2"),
    "released and registered again": (
        (ACCEPTED, receipt(Status.RELEASED, "x"), receipt(Status.ACCEPTED, "n-2")),
        What.UNCHANGED,
    ),
    "settled": ((ACCEPTED, receipt(Status.RELEASED, "all", "")), "n-2"),
    "replaced": ((ACCEPTED, receipt(Status.ACCEPTED, "x")), "n-2"),
    "another's refusal": ((receipt(Status.REJECTED, "nn-1"),), "n-1"),
}


@pytest.mark.parametrize(("receipts", "expected"), KNOWN.values(), ids=KNOWN)
def test_a_second_run_submits_what_is_not_there_as_it_was_asked_for(
    receipts: tuple[WorkReceipt, ...], expected: str | What
) -> None:
    """Under the same id if it was never answered, under the next if its id is used up, and else not at all."""
    said = {
        "n-1": submitted("n-1", register=Register("t")),
        "n-2": submitted("n-2", register=Register("t")),
        "x": submitted("x", release=Release(Release.Reason.WITHDRAWN)),
        "all": submitted("all", "", settle=Settle(Release.Reason.SETTLED)),
    }
    known = KnownWork([said[name] for name in ("n-1", "x", "all", "n-2")], list(receipts))
    assert submission_of("n", known) == expected
