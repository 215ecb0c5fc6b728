"""Takedowns become statements of reasons that the transparency database of the European Union takes."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from services.client.statements import EEA, OTHER, Posted, Restrictions, scope_of, statements
from services.contracts.canary import CANARY
from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued
from services.contracts.statements import TransparencyStatement
from tests.cli.facts import DAY, HOUR, STATEMENT, TIME, takedown
from tests.contracts import schema

ISSUED, REINSTATED = TakedownIssued.Status
LENGTHS_MAX = {
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2_000,
    "content_type_other": 500,
    "decision_facts": 5_000,
    "puid": 500,
}
"""The database's own limits, as its validation has them."""


def exported(*takedowns: TakedownIssued, **posted: Posted) -> list[dict[str, Any]]:
    """Return the statements of takedowns as a program reads them; protobuf's own parser has read each before."""
    restrictions = Restrictions()
    for each in takedowns:
        restrictions.take(each)
    lines = [encode(statement) for statement in statements(restrictions.found, posted)]
    for line in lines:
        schema.parse(TransparencyStatement, line)
    return [orjson.loads(line) for line in lines]


def test_a_takedown_is_a_statement_with_everything_that_is_required() -> None:
    """Field by field as the database's API names them."""
    (found,) = exported(takedown("t1", ISSUED), u=Posted("audio/mpeg", TIME - DAY))
    assert found == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": found["illegal_content_legal_ground"],
        "illegal_content_explanation": "Infringement of copyright.",
        "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "category_specification": ["KEYWORD_COPYRIGHT_INFRINGEMENT"],
        "content_type": ["CONTENT_TYPE_AUDIO"],
        "territorial_scope": list(EEA),
        "content_date": "2026-01-01",
        "application_date": "2026-01-02",
        "decision_facts": "The bytes are identical.",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "puid": "t1",
    }


LONG = "ü" * 20_000
TAKEDOWNS = {
    "by a person": (
        replace(STATEMENT, automated_decision=False),
        {"automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"},
    ),
    "found by a person": (replace(STATEMENT, automated_detection=False), {"automated_detection": "No"}),
    "long facts": (replace(STATEMENT, facts=LONG), {"decision_facts": f"{'ü' * 4_999}…"}),
    "a long ground": (replace(STATEMENT, ground=LONG), {"illegal_content_explanation": f"{'ü' * 1_999}…"}),
}


@pytest.mark.parametrize(("said", "result"), TAKEDOWNS.values(), ids=TAKEDOWNS)
def test_what_the_enforcer_says_is_passed_on_as_the_database_takes_it(said: Any, result: dict[str, str]) -> None:
    """Whether a machine found and decided it, and why; cut where the database would refuse it."""
    (found,) = exported(takedown("t1", ISSUED, statement_of_reasons=said))
    assert found | result == found
    assert all(len(found.get(name, "")) <= limit for name, limit in LENGTHS_MAX.items())
    assert re.fullmatch("[a-zA-Z0-9-_]+", found["puid"])


POSTED = {
    "nothing is known": (Posted(), "CONTENT_TYPE_OTHER", "2026-01-02"),
    "a film": (Posted("video/mp4", TIME - 40 * DAY), "CONTENT_TYPE_VIDEO", "2025-11-23"),
    "a picture": (Posted("IMAGE/png"), "CONTENT_TYPE_IMAGE", "2026-01-02"),
    "a text": (Posted("text/plain; charset=utf-8"), "CONTENT_TYPE_TEXT", "2026-01-02"),
    "an archive": (Posted("application/zip", TIME), "CONTENT_TYPE_OTHER", "2026-01-02"),
    "a time after its takedown": (Posted(at=TIME + DAY), "CONTENT_TYPE_OTHER", "2026-01-02"),
    "a time before the database's": (Posted(at=datetime(1970, 1, 1, tzinfo=UTC)), "CONTENT_TYPE_OTHER", "2026-01-02"),
}


@pytest.mark.parametrize(("posted", "kind", "day"), POSTED.values(), ids=POSTED)
def test_kind_and_day_of_an_upload_are_told_as_far_as_they_are_known(posted: Posted, kind: str, day: str) -> None:
    """Nothing is claimed of a file whose media type says nothing, and no day that the database would refuse."""
    (found,) = exported(takedown("t1", ISSUED), u=posted)
    assert (found["content_type"], found["content_date"]) == ([kind], day)
    assert found.get("content_type_other") == (OTHER if kind == "CONTENT_TYPE_OTHER" else None)


def test_each_time_that_it_came_down_is_a_statement_of_its_own() -> None:
    """With a name of its own, since the database takes each once, and with the day on which it came back."""
    found = exported(
        takedown("t1", ISSUED),
        takedown("t1", REINSTATED, decided_at=TIME + DAY),
        takedown("t2", ISSUED),
        takedown("t1", ISSUED, decided_at=TIME + 2 * DAY),
        takedown("t2", REINSTATED, decided_at=TIME + HOUR),
    )
    assert [(each["puid"], each.get("end_date_visibility_restriction")) for each in found] == [
        ("t1", "2026-01-03"),
        ("t2", "2026-01-02"),
        ("t1-2", None),
    ]


SCOPES = {
    "everywhere": ((), EEA),
    "nowhere in the area": (("CH", "US"), ()),
    "partly in the area": (("US", "FR", "DE"), ("DE", "FR")),
}


@pytest.mark.parametrize(("territories", "scope"), SCOPES.values(), ids=SCOPES)
def test_the_scope_is_what_lies_in_the_european_economic_area(
    territories: tuple[str, ...], scope: tuple[str, ...]
) -> None:
    """The database knows no other countries, and what is down in none of them is none of its business."""
    assert scope_of(territories) == scope
    assert len(exported(takedown("t1", ISSUED, territories=territories))) == bool(scope)


def test_the_canary_s_takedowns_are_nobody_s() -> None:
    """The database would get thousands of statements a day about uploads that no person made."""
    assert exported(replace(takedown("t1", ISSUED), upload_id=f"{CANARY}/1")) == []
