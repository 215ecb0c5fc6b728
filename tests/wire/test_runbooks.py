"""Whoever a runbook names may do what it says: typed as it stands there, on a Kafka with an authoriser."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cli import EXIT_INTERRUPTED, run
from tests.observe.runbooks import PAGES, Command, commands
from tests.wire.broker import SecuredKafka

KINDS = {(each.principal, *each.arguments[:2]): each for page in PAGES for each in commands(page)}
# Whoever may not is told so at the first answer; what follows a topic, or waits for services, would go on for ever.
SECONDS_MAX = 2.0
NOTHING_THERE = ("staydown: There is no ", "staydown: Nothing was ever ")
ARCHIVIST = "archivist"


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Press Ctrl-C after so long."""
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.kafka
@pytest.mark.parametrize("command", KINDS.values(), ids=map(" ".join, KINDS))
def test_the_principal_of_a_page_may_do_what_it_says(
    command: Command,
    secured: SecuredKafka,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """It is done, goes on until Ctrl-C, or finds that what is asked about is not there; any other end is a refusal."""
    for name, value in secured.named(command.principal).items():
        monkeypatch.setenv(name, value)
    if command.principal == ARCHIVIST:
        monkeypatch.setenv("STAYDOWN_ARCHIVE_URL", f"sqlite:///{tmp_path}/archive.sqlite")
        assert run(["archive", "migrate"]) == 0
    assert _is_allowed(command.arguments, capsys)


@pytest.mark.kafka
@pytest.mark.parametrize(
    "command",
    ["works release label song-1 --reason MISTAKE", "works settle label --reason MISTAKE", "works status label song-1"],
)
def test_a_wrong_takedown_can_be_given_back_by_the_works_desk(
    command: str, secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As OPERATING says; a rightsholder themselves may read no answer."""
    for name, value in secured.named("works-desk").items():
        monkeypatch.setenv(name, value)
    assert _is_allowed(command.split(), capsys)


def _is_allowed(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> bool:
    """Tell whether a command is done, goes on until Ctrl-C, or finds that what is asked about is not there."""
    with _interrupted_after(SECONDS_MAX):
        code = run(arguments)
    return code in (0, EXIT_INTERRUPTED) or capsys.readouterr().err.startswith(NOTHING_THERE)
