"""Every alert fires when it must and keeps silent when it must, and leads to a page that says what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec import yaml

from services.drawing import catalogue
from tests.observe.promtool import ROOT, RULES, Story, check, promtool
from tests.observe.stories import STORIES

GROUPS = yaml.decode(RULES.read_bytes())["groups"]
RECORDED = {rule["record"] for group in GROUPS for rule in group["rules"] if "record" in rule}
ALERTS: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
NAMES = [alert["alert"] for alert in ALERTS]
RUNBOOKS = ROOT / ".github/runbooks"
HEADINGS = ("## What it means", "## See", "## Decide", "## Act")


def series_of(expression: str) -> set[str]:
    """Return the names of the metrics in an expression."""
    return set(re.findall(r"\b(?:staydown[_:][a-z0-9_:]+)", expression))


def exposed() -> set[str]:
    """Return the names of all series that services expose by the catalogue."""
    names: set[str] = set()
    for one in catalogue():
        (family,) = one.describe()
        parts = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
        names |= {family.name + part for part in parts.get(family.type, ("",))}
    return names


def test_every_alert_has_stories_and_every_story_an_alert() -> None:
    """Both of firing and of keeping silent; names are told once."""
    assert sorted(NAMES) == sorted(STORIES)


@promtool
@pytest.mark.parametrize("alert", NAMES)
def test_an_alert_fires_and_keeps_silent(alert: str, tmp_path: Path) -> None:
    """As its stories tell, played by promtool."""
    stories = [
        Story(alert, series, at, fires)
        for at, wrong, well in STORIES[alert]
        for series, fires in ((wrong, True), (well, False))
    ]
    code, said = check(stories, tmp_path)
    assert code == 0, said


@promtool
def test_a_story_that_is_not_so_is_found_out(tmp_path: Path) -> None:
    """Or the tests above could not fail."""
    code, said = check([Story("StaydownCanaryFailing", {"staydown_canary_up": "1x9"}, "5m", True)], tmp_path)
    assert code != 0
    assert "got: {} 0E+00" in said


@promtool
def test_the_rules_are_well_formed() -> None:
    """Templates of summaries and descriptions included."""
    done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_an_alert_says_what_it_is_and_leads_to_a_page(alert: dict[str, Any]) -> None:
    """A page that says what it means, where to look, what to decide, and what to do, by commands that there are."""
    assert alert["labels"]["severity"] in {"page", "ticket"}
    told = alert["annotations"]
    assert told["summary"]
    assert told["description"]
    page = ROOT / told["runbook_url"]
    text = page.read_text()
    assert page.parent == RUNBOOKS
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)


def test_no_alert_tells_a_figure_with_all_its_decimals() -> None:
    """Prometheus extrapolates: three dead letters are 3.0324400000000002."""
    told = [text for alert in ALERTS for text in alert["annotations"].values()]
    figures = [each for text in told for each in re.findall(r"\{\{\s*\$value([^}]*)\}\}", text)]
    assert figures
    assert all(re.search(r"\| (humanize|printf)", each) for each in figures)


def test_no_page_is_without_an_alert() -> None:
    """And none is left over."""
    assert {path.name for path in RUNBOOKS.glob("*.md")} == {
        Path(one["annotations"]["runbook_url"]).name for one in ALERTS
    }


def test_every_metric_that_is_asked_for_is_exposed() -> None:
    """By rules and pages alike: a name that nobody exposes is an alert that never fires."""
    rules = [str(rule["expr"]) for group in GROUPS for rule in group["rules"]]
    pages = [path.read_text() for path in RUNBOOKS.glob("*.md")]
    for text in (*rules, *pages):
        assert series_of(text) <= exposed() | RECORDED
