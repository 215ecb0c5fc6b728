"""What a page says to type can be typed, and what it says to ask is asked as Prometheus takes it."""

import re
import shlex
from pathlib import Path

import pytest

from services.cli import APP
from tests.observe.promtool import ROOT

PAGES = sorted((ROOT / ".github/runbooks").glob("*.md"))


def commands(page: Path) -> list[list[str]]:
    """Return each command of ours on a page, without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    lines = (shlex.split(line, comments=True) for block in blocks for line in block.splitlines())
    return [line[1:] for line in lines if line[:1] == ["staydown"]]


def test_pages_have_commands_at_all() -> None:
    """Or the test below would have nothing to do."""
    assert sum(len(commands(page)) for page in PAGES) > len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_one_of_ours(page: Path) -> None:
    """Parsed by the command line itself, options and all."""
    for command in commands(page):
        APP.parse_args(command, exit_on_error=False, print_error=False)
