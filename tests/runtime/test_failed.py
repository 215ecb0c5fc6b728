"""Transactions that did not commit, told to the next start."""

from pathlib import Path

from services.runtime.failed import recall, remember


def test_what_a_process_ended_with_is_told_once_to_the_next(tmp_path: Path) -> None:
    """Of each service apart."""
    for outcome in ("aborted", "fenced", "aborted"):
        remember(str(tmp_path), "matcher", outcome)
    remember(str(tmp_path), "ledger", "fenced")
    assert recall(str(tmp_path), "matcher") == {"aborted": 2, "fenced": 1}
    assert recall(str(tmp_path), "matcher") == {}
    assert recall(str(tmp_path), "ledger") == {"fenced": 1}


def test_without_a_directory_nothing_is_written(tmp_path: Path) -> None:
    """Nor is anything found, wherever the process runs."""
    remember("", "matcher", "aborted")
    assert recall("", "matcher") == {}
    assert [*tmp_path.iterdir()] == []
