import io
from pathlib import Path

import pytest
from rich.console import Console

from services.cli import run
from services.cluster.demo_report import Report


def report() -> tuple[Report, io.StringIO]:
    """Return a report and what it writes."""
    written = io.StringIO()
    return Report(Console(file=written, width=140)), written


def test_a_report_is_right_only_if_all_is_as_expected() -> None:
    """One difference is enough, and nothing checked is nothing proved."""
    told, written = report()
    assert not told.is_right()
    told.check("a", "yes", "yes", 0.25)
    assert told.is_right()
    told.check("b", "yes", "no", 2.0)
    assert not told.is_right()
    told.show_table()
    text = written.getvalue()
    assert "expected yes, but: no" in text
    assert "WRONG" in text
    assert "250 ms" in text
    assert "2.00 s" in text


@pytest.mark.kafka
def test_the_story_goes_as_it_must(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo on a cluster of its own: everything as expected, told apart by time, and nothing left running."""
    monkeypatch.delenv("STAYDOWN_KAFKA", raising=False)
    code = run(["demo", "--state", str(tmp_path / "state")])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "WRONG" not in told
    assert told.count("BLOCKED [IDENTICAL]  after") >= 10
    assert "download" in told.splitlines()[-1]
    assert not (tmp_path / "state" / "services.json").exists()
