"""The two contents that a canary uploads, written where somebody copies them from."""

from pathlib import Path

import pytest

from services.canary import running


@pytest.mark.parametrize("arguments", [["--help"], ["-x"], ["one", "two"]])
def test_what_is_no_folder_writes_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not into a folder of the name of an option either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["canary", *arguments])
    with pytest.raises(SystemExit):
        running.run()
    assert not list(tmp_path.iterdir())


def test_a_folder_gets_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listed one, and the one that must pass."""
    monkeypatch.setattr("sys.argv", ["canary", str(tmp_path / "new")])
    running.run()
    assert len(list((tmp_path / "new").iterdir())) == 2
