import stat
from pathlib import Path

from services.cluster.child import Child
from services.cluster.pages import token_file, with_pages


def test_the_token_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    """Whoever has noted it can go on using it; other people of the machine cannot read it."""
    path = token_file(tmp_path)
    token = path.read_text().strip()
    assert len(token) > 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token_file(tmp_path).read_text().strip() == token


def test_the_console_is_told_where_to_listen_and_where_its_token_is(tmp_path: Path) -> None:
    """Beside what every service is told; and the token itself stands in no environment."""
    child = with_pages(Child("console", (), {"STAYDOWN_KAFKA": "k:1"}, tmp_path / "log"), "127.0.0.1:80", tmp_path)
    assert child.environment == {
        "STAYDOWN_KAFKA": "k:1",
        "STAYDOWN_CONSOLE": "127.0.0.1:80",
        "STAYDOWN_CONSOLE_TOKEN_FILE": str(tmp_path / "console.token"),
    }
