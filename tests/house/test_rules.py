import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / ".github" / "RULES.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| rule ")]


def test_every_rule_has_a_source_and_a_test() -> None:
    """A row is a sentence, where it comes from, and what holds it."""
    assert ROWS
    for row in ROWS:
        rule, source, test = (cell.strip() for cell in row.strip("|").split("|"))
        assert rule.endswith(".")
        assert source
        assert re.fullmatch(r"`tests/[\w/]+\.py(::\w+)?`", test), row


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_test_that_holds_a_rule_is_there(path: str, name: str) -> None:
    """A test that is renamed takes its rule along."""
    tree = ast.parse((ROOT / path).read_text())
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert tests
    assert not name or name in tests
