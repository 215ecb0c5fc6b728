from pathlib import Path

import pytest

from services.notifier.receivers import Directory, Every, Security, read_directory
from services.runtime.variables import SettingsError
from tests.notifier.facts import OTHER_SECRET, SECRET, Kind, Verdict, whsec

MAIL = '[mail]\nhost = "smtp.example.org"\nsender = "Staydown <staydown@example.org>"\n'
HOOK = 'webhook = { url = "https://a.example/x", secret_files = ["one"] }'
BOX = 'mail = { to = "a@example.org" }'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with secrets, good and bad, and a password."""
    (tmp_path / "one").write_text(f"{whsec()}\n")
    (tmp_path / "two").write_text(whsec(OTHER_SECRET))
    (tmp_path / "bare").write_text("0123456789abcdef01234567")
    (tmp_path / "short").write_text(whsec(b"short"))
    (tmp_path / "password").write_text("hush\n")
    return tmp_path


def read(folder: Path, text: str) -> Directory:
    """Return what a file with this text says."""
    path = folder / "receivers.toml"
    path.write_text(text)
    return read_directory(str(path))


def receiver(*lines: str, name: str = "r") -> str:
    """Return the text of one receiver."""
    return "\n".join(["[[receivers]]", f'id = "{name}"', *lines, ""])


def test_nobody_is_told_without_a_file() -> None:
    """The notifier runs and does nothing."""
    assert read_directory("") == Directory()


def test_a_file_names_webhooks_and_mailboxes(folder: Path) -> None:
    """Secrets in their order, the password, and everything as it was written."""
    mail = f'{MAIL}username = "me"\npassword_file = "password"\n'
    hook = 'webhook = { url = "http://127.0.0.1:1/x", secret_files = ["one", "two"], loopback = true }'
    box = 'mail = { to = "managers@example.org", every = "DAY" }'
    found = read(
        folder,
        mail
        + receiver('verdicts = ["BLOCKED"]', 'notices = ["UPLOADER"]', 'ids = ["u"]', hook, name="hook")
        + receiver('notices = ["COMMUNITY"]', box, name="box"),
    )
    first, second = found.receivers
    assert found.password == "hush"  # noqa: S105  # a test's
    assert found.server is not None
    assert (found.server.port, found.server.security) == (587, Security.STARTTLS)
    assert first.secrets == (SECRET, OTHER_SECRET)
    assert (first.written.notices, first.written.verdicts) == ((Kind.UPLOADER,), (Verdict.BLOCKED,))
    assert (second.address, second.every) == ("managers@example.org", Every.DAY)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("receivers = 3", "Expected `array`"),
        ("[[receivers", "receivers.toml"),
        (receiver('notices = ["UPLOADER"]'), "name either a webhook or mail"),
        (MAIL + receiver('notices = ["UPLOADER"]', HOOK, BOX), "name either a webhook or mail"),
        (receiver(HOOK), "name the notices or the verdicts"),
        (receiver('notices = ["EVERYBODY"]', HOOK), "Invalid enum value 'EVERYBODY'"),
        (receiver('notice = ["UPLOADER"]', HOOK), "unknown field `notice`"),
        (receiver('verdicts = ["BLOCKED"]', 'ids = ["u"]', HOOK), "told of no notices"),
        (receiver('notices = ["UPLOADER"]', HOOK, name="a b"), "an id has 1 to 64 letters"),
        (receiver('notices = ["UPLOADER"]', HOOK) * 2, "two receivers have the id 'r'"),
        (receiver('notices = ["UPLOADER"]', BOX), "[mail] names"),
        (MAIL + receiver('notices = ["UPLOADER"]', 'mail = { to = "a" }'), "no mail address"),
        (MAIL + receiver('notices = ["UPLOADER"]', 'mail = { to = "a@b\\r\\nBcc: c@d" }'), "no mail address"),
        (MAIL + receiver('notices = ["UPLOADER"]', 'mail = { to = "a@b, c@d" }'), "no mail address"),
        (MAIL + receiver('notices = ["UPLOADER"]', 'mail = { to = "a@b", every = "YEAR" }'), "Invalid enum value"),
        (MAIL.replace("Staydown <staydown@example.org>", "Staydown"), "name a host, and a sender"),
        (MAIL.replace("Staydown <", "Staydown\\nBcc: x <"), "name a host, and a sender"),
        (f'{MAIL}username = "me"\n', "a username needs a password_file"),
        (f'{MAIL}username = "me"\npassword_file = "password"\nsecurity = "NONE"\n', "STARTTLS or TLS alone"),
        (f'{MAIL}username = "me"\npassword_file = "absent"\n', "absent cannot be read"),
        (f"{MAIL}port = 0\n", "Expected `int` >= 1"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(folder: Path, text: str, says: str) -> None:
    """Before anything starts, in one sentence."""
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    sentence = str(caught.value)
    assert sentence.startswith("STAYDOWN_RECEIVERS: ")
    assert says in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("hook", "says"),
    [
        ('{ url = "http://a.example/x", secret_files = ["one"] }', "begins with https://"),
        ('{ url = "ftp://a.example/x", secret_files = ["one"], loopback = true }', "begins with https://"),
        ('{ url = "https:///x", secret_files = ["one"] }', "begins with https://"),
        ('{ url = "https://me:pass@a.example/x", secret_files = ["one"] }', "neither a user"),
        ('{ url = "https://a.example/x#y", secret_files = ["one"] }', "nor a fragment"),
        ('{ url = "https://a.example:99999/x", secret_files = ["one"] }', "receivers.toml"),
        ('{ url = "https://a.example/x", secret_files = [] }', "1 to 4 secret_files"),
        ('{ url = "https://a.example/x", secret_files = ["absent"] }', "absent cannot be read"),
        ('{ url = "https://a.example/x", secret_files = ["bare"] }', "bare holds no secret"),
        ('{ url = "https://a.example/x", secret_files = ["one", "short"] }', "short holds no secret"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(folder: Path, hook: str, says: str) -> None:
    """What it is told must not be read on the way, nor anybody be able to forge it."""
    with pytest.raises(SettingsError, match=says.replace("[", r"\[")) as caught:
        read(folder, receiver('notices = ["UPLOADER"]', f"webhook = {hook}"))
    assert "0123456789abcdef" not in str(caught.value)


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    """Whoever mistyped it sees what."""
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_directory(str(tmp_path / "absent.toml"))
