import asyncio
import csv
import io
from pathlib import Path

import msgspec
import pytest

from services.console.views.report import HEADER, Figures, Report, as_csv, report_of
from tests.console.site import a_console
from tests.console.story import STORY

PERIOD = "since=2026-01-01&until=2026-12-31"
EMPTY = report_of("2026-01-01", "2026-06-30", Figures())


def test_csv_and_json_say_the_same(tmp_path: Path) -> None:
    """Each is read strictly, by its own rules, and every figure of one stands in the other."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            as_json = await console.get(f"/report.json?{PERIOD}")
            report = msgspec.json.decode(as_json.content, type=Report, strict=True)
            assert as_json.headers["content-type"] == "application/json"
            page = await console.get(f"/report.csv?{PERIOD}")
            assert page.headers["content-type"] == "text/csv; charset=utf-8"
            lines = list(csv.DictReader(io.StringIO(page.text, newline=""), strict=True))
            assert tuple(lines[0]) == HEADER
            figures = [(row.indicator, row.breakdown, row.unit) for section in report.sections for row in section.rows]
            assert [(line["indicator"], line["breakdown"], line["unit"]) for line in lines] == figures
            found = {(line["indicator"], line["breakdown"]): line["value"] for line in lines}
            assert found["requests_received", ""] == "4"
            assert found["registrations_accepted", ""] == "3"
            assert found["registrations_held_for_a_person", ""] == "1"
            assert found["median_time_to_decide", ""] == "1"
            assert found["items_restricted", ""] == "4"
            assert found["items_restricted", "NOTICE"] == "3"
            assert found["restrictions_ended", ""] == "1"
            assert found["complaints_received", "OWN_WORK"] == "1"
            assert found["slowed_down", "UPLOADER WATCHED"] == "1"
            assert found["share_restricted_by_machine", ""] == "100"

    asyncio.run(scenario())


def test_what_is_out_of_the_period_is_not_in_the_report(tmp_path: Path) -> None:
    """A report of another year has nothing of this one, and its shares of nothing are empty, not 0."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            page = await console.get("/report.csv?since=2025-01-01&until=2025-12-31")
            found = {line["indicator"]: line["value"] for line in csv.DictReader(io.StringIO(page.text))}
            assert found["items_restricted"] == "0"
            assert found["share_restricted_by_machine"] == ""

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "asked",
    [
        "since=yesterday",
        "since=2026-02-01&until=2026-01-01",
        "since=1990-01-01",
        "until=0001-01-01",
        "since=9999-12-30&until=9999-12-31",
    ],
)
def test_a_period_that_is_none_is_told(tmp_path: Path, asked: str) -> None:
    """By a sentence, and by no report of something else."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            assert (await console.get(f"/report?{asked}")).status_code == 422

    asyncio.run(scenario())


def test_lines_end_as_the_rule_for_csv_has_it() -> None:
    """RFC 4180, which the templates of the European Commission ask for."""
    assert as_csv(EMPTY).count("\r\n") == as_csv(EMPTY).count("\n")
