"""What the pages beside the alerts say to type and to ask."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.observe.promtool import ROOT

PAGES = sorted((ROOT / ".github/runbooks").glob("*.md"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ours, and the principal that the page says for it."""

    arguments: tuple[str, ...]
    principal: str


def commands(page: Path) -> list[Command]:
    """Return each command of ours on a page: in a block, with its principal behind it."""
    lines = [line for block in _blocks(page, "sh") for line in block.splitlines() if line.startswith("staydown ")]
    return [Command(tuple(shlex.split(line, comments=True)[1:]), _principal(line)) for line in lines]


def mentioned(page: Path) -> list[tuple[str, ...]]:
    """Return the commands of ours that a page's sentences name."""
    return [tuple(each.split()) for each in re.findall(r"`staydown ([^`…]+)`", page.read_text())]


def typed(page: Path, program: str) -> list[str]:
    """Return the lines of a page that run a program, up to a pipe, a redirection or a comment."""
    lines = [line.strip() for block in _blocks(page, "sh") for line in block.splitlines()]
    return [re.split(r" [|>#]", line)[0] for line in lines if line.startswith(f"{program} ")]


def queries(page: Path) -> Iterator[str]:
    """Yield each query of a page."""
    for block in _blocks(page, "promql"):
        yield from block.splitlines()


def _blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


def _principal(line: str) -> str:
    found = re.search(r"# as ([a-z-]+)", line)
    return found[1] if found else ""
