"""The operators' page names commands that there are, with options that they take."""

import re
import shlex
from pathlib import Path

import pytest

from services.cli import APP

PAGE = Path(__file__).parents[2] / ".github" / "OPERATING.md"
_SPAN = re.compile(r"`(staydown [^`]+)`")
_LINE = re.compile(r"^(staydown [^#\n]+)", re.MULTILINE)
COMMANDS = sorted({found.strip() for kind in (_SPAN, _LINE) for found in kind.findall(PAGE.read_text())})
IN_WORDS = {"staydown backup", "staydown restore", "staydown dlq replay"}
"""Named without what they need."""


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in IN_WORDS])
def test_a_command_of_the_page_can_be_called_as_it_stands_there(command: str) -> None:
    """Parsed as the command line parses it, and not run."""
    _, *arguments = shlex.split(command)
    called, _, ignored = APP.parse_args(arguments, exit_on_error=False, print_error=False)
    assert callable(called)
    assert not ignored


def test_what_the_page_only_names_is_there() -> None:
    """Under these names."""
    for command in IN_WORDS:
        assert command in PAGE.read_text()
        APP[command.split()[1]]


def test_what_is_given_back_is_so_before_its_rightsholder_is_suspended() -> None:
    """Of who is suspended nothing is taken, a release neither."""
    rows = [row for row in PAGE.read_text().splitlines() if "staydown rightsholders suspend" in row]
    assert rows
    for row in rows:
        _, _, afterwards = row.partition("staydown rightsholders suspend")
        assert "staydown works" not in afterwards
