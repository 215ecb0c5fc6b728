"""What a page says to type can be typed, by the principal that it names.

That its queries are answered, `tests/cli/test_observing.py` asks a Prometheus; that its principals may do what they are
to do, `tests/wire/test_runbooks.py` tries on a Kafka with an authoriser.
"""

import re
from pathlib import Path

import pytest

from services.cli import APP
from services.cluster.permissions import permissions
from services.manifests.workloads import WORKLOADS
from tests.observe.runbooks import PAGES, commands, mentioned, typed

BY_HAND = "Each `staydown` command names its principal: [by hand](../../k8s/README.md#by-hand)."
LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]*))?\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def test_pages_have_commands_at_all() -> None:
    """Or the tests below would have nothing to do."""
    assert sum(len(commands(page)) for page in PAGES) > len(PAGES)


@each_page
def test_every_command_of_a_page_is_one_of_ours(page: Path) -> None:
    """Parsed by the command line itself, options and all."""
    for command in commands(page):
        APP.parse_args(command.arguments, exit_on_error=False, print_error=False)


@each_page
def test_every_command_says_as_whom_and_the_page_where_that_is_done(page: Path) -> None:
    """A principal that there is; who is woken at night does not know them by heart."""
    for command in commands(page):
        assert command.principal in permissions(), command
    assert (BY_HAND in page.read_text()) == bool(commands(page))


@each_page
def test_what_a_sentence_names_stands_in_a_block_of_its_page(page: Path) -> None:
    """With its principal, to be copied from there."""
    there = [command.arguments for command in commands(page)]
    for named in mentioned(page):
        assert any(each[: len(named)] == named for each in there), named


@each_page
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """To a file of this repository, and to a heading of it."""
    for target, heading in LINK.findall(page.read_text()):
        there = (page.parent / target).resolve()
        headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
        assert not heading or heading in {each.lower().replace(" ", "-") for each in headings}, (target, heading)


def test_what_is_typed_on_compose_is_about_its_services() -> None:
    """By the names that are theirs there."""
    lines = [line for page in PAGES for line in typed(page, "docker")]
    named = {line.split()[-1] for line in lines} - {"ps", "$job"}
    assert named
    assert named <= {one.name for one in WORKLOADS}
