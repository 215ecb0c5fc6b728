"""The transparency report of a period, in the terms of the EU's Digital Services Act (Regulation (EU) 2022/2065). Pure.

Sections follow Articles 15(1) and 24(1), for the category of illegal content that this platform acts on. A registration
names a work and no place where a copy is, so it is no notice of Article 16 and stands beside the own-initiative
moderation that follows from it. Every figure is a row of its own, the same in page, CSV (RFC 4180) and JSON.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec import Struct

CATEGORY = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
SPECIFICATION = "KEYWORD_COPYRIGHT_INFRINGEMENT"
RESTRICTION = "DECISION_VISIBILITY_CONTENT_DISABLED"

COUNT, SECONDS, PERCENT = "count", "seconds", "percent"
HEADER = ("since", "until", "section", "article", "indicator", "breakdown", "unit", "value")
RECORD = (
    "Figures are those of the readable record. One that was written anew knows what topics still hold: requests, "
    "answers, restrictions, complaints and reviews of all years, of uploads those of the last 7 days, and of verdicts "
    "the latest alone. So times from upload to restriction are of those 7 days, and decisions reversed are those that "
    "still hold."
)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in a period; a median of nothing is None.

    `requests`: what rightsholders submitted, by action. `refusals`: of these by reason. `restricted`: takedowns by
    basis. `grounds`: complaints by ground. `reviews`: what persons decided. `standings`: who stands how at present.
    """

    requests: Mapping[str, int] = field(default_factory=dict)
    accepted: int = 0
    refused: int = 0
    held: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    request_seconds: float | None = None
    restricted: Mapping[str, int] = field(default_factory=dict)
    restricted_by_machine: int = 0
    restriction_seconds: float | None = None
    reinstated: int = 0
    complaints: int = 0
    grounds: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)
    reversed: int = 0
    reviews: Mapping[str, int] = field(default_factory=dict)
    standings: Mapping[str, int] = field(default_factory=dict)


class Row(Struct, frozen=True):
    """One figure; no value where there is nothing to take a median or a share of."""

    indicator: str
    breakdown: str
    unit: str
    value: float | None

    @property
    def words(self) -> str:
        """What the figure is, for people."""
        name = self.indicator.replace("_", " ")
        return f"{name}: {self.breakdown.replace('_', ' ').lower()}" if self.breakdown else name

    @property
    def text(self) -> str:
        """The figure, for people."""
        if self.value is None:
            return "–"  # noqa: RUF001  # nothing, and not minus
        return _FORMS[self.unit](self.value)


class Section(Struct, frozen=True):
    """Figures under one article."""

    title: str
    article: str
    rows: tuple[Row, ...]

    @property
    def source(self) -> str:
        """Where the section comes from."""
        return f"Regulation (EU) 2022/2065, {self.article}"


class Report(Struct, frozen=True):
    """A period, both days included, in UTC. `record`: what the figures are of."""

    since: str
    until: str
    category: str
    category_specification: str
    restriction: str
    record: str
    sections: tuple[Section, ...]


def report_of(since: str, until: str, figures: Figures) -> Report:
    """Return the report of a period."""
    sections = (_requests(figures), _moderation(figures), _complaints(figures), _automation(figures), _misuse(figures))
    return Report(since, until, CATEGORY, SPECIFICATION, RESTRICTION, RECORD, sections)


def as_csv(report: Report) -> str:
    """Return the report as CSV, a figure a line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for section in report.sections:
        for row in section.rows:
            value = "" if row.value is None else f"{row.value:g}" if row.unit == PERCENT else f"{row.value:.0f}"
            where = (report.since, report.until, section.title, section.article)
            writer.writerow((*where, row.indicator, row.breakdown, row.unit, value))
    return out.getvalue()


def _requests(figures: Figures) -> Section:
    rows = (
        Row("requests_received", "", COUNT, sum(figures.requests.values())),
        *_each("requests_received", figures.requests),
        Row("registrations_accepted", "", COUNT, figures.accepted),
        Row("requests_refused", "", COUNT, figures.refused),
        *_each("requests_refused", figures.refusals),
        Row("registrations_held_for_a_person", "", COUNT, figures.held),
        Row("median_time_to_decide", "", SECONDS, figures.request_seconds),
    )
    return Section("Requests of rightsholders", "Article 15(1)(b), other than notices of Article 16", rows)


def _moderation(figures: Figures) -> Section:
    rows = (
        Row("items_restricted", "", COUNT, sum(figures.restricted.values())),
        *_each("items_restricted", figures.restricted),
        Row("median_time_from_upload_to_restriction", "", SECONDS, figures.restriction_seconds),
        Row("restrictions_ended", "", COUNT, figures.reinstated),
        *_each("decisions_of_persons", figures.reviews),
    )
    return Section("Content moderation", "Article 15(1)(c)", rows)


def _complaints(figures: Figures) -> Section:
    rows = (
        Row("complaints_received", "", COUNT, figures.complaints),
        *_each("complaints_received", figures.grounds),
        *_each("steps_taken", figures.steps),
        Row("decisions_reversed", "", COUNT, figures.reversed),
    )
    return Section("Complaints and reversals", "Articles 15(1)(d) and 20", rows)


def _automation(figures: Figures) -> Section:
    restricted = sum(figures.restricted.values())
    rows = (
        Row("items_restricted_by_machine", "", COUNT, figures.restricted_by_machine),
        Row("share_restricted_by_machine", "", PERCENT, _share(figures.restricted_by_machine, restricted)),
        Row("error_rate", "decisions reversed of items restricted", PERCENT, _share(figures.reversed, restricted)),
    )
    return Section("Automated means", "Article 15(1)(e)", rows)


def _misuse(figures: Figures) -> Section:
    return Section(
        "Measures against misuse, at present",
        "Articles 23 and 24(1)(b)",
        tuple(_each("slowed_down", figures.standings)),
    )


def _each(indicator: str, counts: Mapping[str, int]) -> Iterator[Row]:
    return (Row(indicator, name, COUNT, count) for name, count in sorted(counts.items()))


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} days"


_FORMS: Mapping[str, Callable[[float], str]] = {
    COUNT: lambda value: f"{value:,.0f}",
    SECONDS: _duration,
    PERCENT: lambda value: f"{value:g} %",
}
