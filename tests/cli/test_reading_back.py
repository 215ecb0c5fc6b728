"""What commands tell of what was said, on topics to which the test itself wrote it."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from services.contracts.decided import Recipient, TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import Dispute, DisputeSubmitted
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.statements import TransparencyStatement
from services.contracts.submitted import Policy, Register, Release, Settle, UploadSubmitted, WorkSubmitted
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    STRIKES_CHANGED,
    TAKEDOWNS_ISSUED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from tests.cli.conftest import Staydown
from tests.cli.facts import DAY, TIME, licence, notice, receipt, submitted, takedown, verdict
from tests.cli.topics import Topics
from tests.contracts import schema
from tests.kafka.unreadable import send_unreadable_header

pytestmark = pytest.mark.kafka

Status = WorkReceipt.Status
Verdict = VerdictDecided.Verdict


def test_a_work_stands_as_submissions_and_receipts_say(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """Policy, licences and settlement are there, and garbage between them is stepped over."""
    register = submitted("1", register=Register("t", policy=Policy(Policy.Action.REVIEW)))
    topics.tell(*(_work(run_id, each) for each in (register, submitted("2", "", license_catalogue=licence("l")))))
    topics.write(WORKS_SUBMITTED.name, run_id.encode(), b"{", [], topics.records(WORKS_SUBMITTED, run_id)[0].partition)
    topics.tell(_answer(run_id, "1", Status.ACCEPTED, "w"), _answer(run_id, "2", Status.LICENSED, ""))
    told = staydown("works", "status", run_id, "w", *topics.here).out
    assert "in force since 2026-01-02 03:04:05 UTC" in told
    assert "REVIEW everywhere" in told
    assert "l: everybody may show all of it everywhere, always" in told
    settle = submitted("3", "", settle=Settle(Release.Reason.SETTLED))
    topics.tell(_work(run_id, settle), _answer(run_id, "3", Status.RELEASED, ""))
    told = staydown("works", "status", run_id, "w", *topics.here).out
    assert "not in force since 2026-01-02 03:04:05 UTC, by a settlement of everything" in told
    standing = json.loads(staydown("works", "status", run_id, "w", "--json", *topics.here).out)
    assert (standing["in_force"], standing["catalogue"][0]["license_id"]) == (False, "l")


def test_what_is_held_is_listed_with_what_a_review_has_to_name(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """The latest verdict and the last receipt count: what was decided since is not listed."""
    topics.tell(
        (VERDICTS_DECIDED, f"1-{run_id}", _held(f"1-{run_id}")),
        (VERDICTS_DECIDED, f"2-{run_id}", _held(f"2-{run_id}")),
        (VERDICTS_DECIDED, f"2-{run_id}", verdict(f"2-{run_id}", Verdict.CLEAR)),
        (VERDICTS_DECIDED, f"3-{run_id}", _held(f"3-{run_id}")),
        (VERDICTS_DECIDED, f"3-{run_id}", None),
        _answer(run_id, f"4-{run_id}", Status.HELD, "w"),
        _answer(run_id, f"5-{run_id}", Status.HELD, "w"),
        _answer(run_id, f"5-{run_id}", Status.REJECTED, "w"),
    )
    told = staydown("reviews", "list", *topics.here).out
    listed = {number for number in range(1, 6) if f"{number}-{run_id}" in told}
    assert listed == {1, 4}
    assert f"decision-1-{run_id}" in told
    assert "CONTRADICTION: It is so." in told
    lines = [json.loads(line) for line in staydown("reviews", "list", "--json", *topics.here).out.splitlines()]
    assert {f"1-{run_id}", f"4-{run_id}"} <= {each.get("upload_id") or each["submission_id"] for each in lines}


def test_notices_and_takedowns_are_told_to_whom_they_concern(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """By recipient, by upload and by rightsholder; one line each, or one JSON object a line."""
    for_us = notice(Recipient.Kind.COMMUNITY, run_id, upload_id="u")
    topics.tell(
        (NOTICES_ISSUED, "other", notice(Recipient.Kind.UPLOADER, "other", upload_id=run_id)),
        (NOTICES_ISSUED, run_id, for_us),
        (TAKEDOWNS_ISSUED, "u", takedown("1", TakedownIssued.Status.ISSUED)),
        (TAKEDOWNS_ISSUED, run_id, _down(run_id)),
    )
    watch = ("watch", "--from-beginning", "--limit", 1, *topics.here)
    assert f"to COMMUNITY {run_id}: A step was taken" in staydown("notices", *watch, "--recipient", run_id).out
    assert "to UPLOADER other" in staydown("notices", *watch, "--upload", run_id).out
    found = json.loads(staydown("notices", *watch, "--recipient", run_id, "--json").out)
    assert (found["notice_id"], found["about"]["upload_id"]) == (for_us.notice_id, "u")
    line = f"ISSUED     t-{run_id} {run_id} for w of {run_id} in DE: The bytes are identical."
    for option in ("--upload", "--rightsholder", "--uploader"):
        assert line in staydown("takedowns", *watch, option, run_id).out
    assert json.loads(staydown("takedowns", *watch, "--upload", run_id, "--json").out)["takedown_id"] == f"t-{run_id}"


def test_strikes_tell_who_stands_otherwise_than_ordinarily(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """The latest of each counts, and an uploader and a community of one name are two."""
    topics.tell(
        _stands(run_id, Standee.Kind.UPLOADER, StrikesChanged.Standing.WATCHED, 3),
        _stands(run_id, Standee.Kind.UPLOADER, StrikesChanged.Standing.RESTRICTED, 6),
        _stands(run_id, Standee.Kind.COMMUNITY, StrikesChanged.Standing.WATCHED, 30),
        _stands(f"good-{run_id}", Standee.Kind.UPLOADER, StrikesChanged.Standing.WATCHED, 3),
        _stands(f"good-{run_id}", Standee.Kind.UPLOADER, StrikesChanged.Standing.GOOD, 2),
    )
    lines = [line.split() for line in staydown("strikes", "list", *topics.here).out.splitlines() if run_id in line]
    assert lines == [
        ["COMMUNITY", run_id, "WATCHED", "30", "2026-01-02", "03:04:05", "UTC"],
        ["UPLOADER", run_id, "RESTRICTED", "6", "2026-01-02", "03:04:05", "UTC"],
    ]
    found = [json.loads(line) for line in staydown("strikes", "list", "--json", *topics.here).out.splitlines()]
    assert [each["strikes"] for each in found if each["subject"]["id"] == run_id] == [30, 6]


def test_a_dispute_is_shown_as_it_went(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """Takedown, step and notice in their order; notices that are about no dispute are left out."""
    step = DisputeSubmitted(run_id, "d", dispute=Dispute(Dispute.Ground.OWN_WORK, "I made it"))
    told_of = {"upload_id": run_id, "dispute_id": "d"}
    for said in (
        (TAKEDOWNS_ISSUED, run_id, _down(run_id)),
        (NOTICES_ISSUED, "bob", notice(Recipient.Kind.UPLOADER, "bob", upload_id=run_id)),
        (DISPUTES_SUBMITTED, run_id, step),
        (NOTICES_ISSUED, run_id, notice(Recipient.Kind.RIGHTSHOLDER, run_id, **told_of)),
    ):
        topics.tell(said)
    told = staydown("disputes", "show", run_id, *topics.here).out
    lines = [re.split("  +", line.rstrip()) for line in told.splitlines()]
    assert [line[1:] for line in lines[1:]] == [
        ["enforcer", f"ISSUED t-{run_id} for w of {run_id}: The bytes are identical."],
        ["uploader", "disputes (OWN_WORK: I made it) in dispute d"],
        [
            f"to RIGHTSHOLDER {run_id}",
            "A step was taken (answer until 2026-02-01 03:04:05 UTC). This is what it means.",
        ],
    ]
    found = [json.loads(line) for line in staydown("disputes", "show", run_id, "--json", *topics.here).out.splitlines()]
    assert [each["topic"] for each in found] == [TAKEDOWNS_ISSUED.name, DISPUTES_SUBMITTED.name, NOTICES_ISSUED.name]
    assert found[1]["record"]["dispute"]["statement"] == "I made it"
    nothing = staydown("disputes", "show", f"none-{run_id}", *topics.here)
    assert (nothing.code, nothing.out) == (1, "")


def test_statements_of_reasons_are_exported_a_line_each(
    staydown: Staydown, topics: Topics, run_id: str, tmp_path: Path
) -> None:
    """Each line is what protobuf's own JSON parser reads by the schema; kind and day come from the submission."""
    film = UploadSubmitted(run_id, "bob", "file:///x", media_type="video/mp4")
    topics.tell(
        (UPLOADS_SUBMITTED, run_id, film),
        (VERDICTS_DECIDED, f"old-{run_id}", verdict(f"old-{run_id}", Verdict.BLOCKED, submitted_at=TIME - 9 * DAY)),
        (TAKEDOWNS_ISSUED, run_id, _down(run_id)),
        (TAKEDOWNS_ISSUED, f"old-{run_id}", _down(f"old-{run_id}")),
        (TAKEDOWNS_ISSUED, f"us-{run_id}", _down(f"us-{run_id}", territories=("US",))),
    )
    file = tmp_path / "statements.jsonl"
    outcome = staydown("report", "statements", "--json", file, *topics.here)
    lines = file.read_bytes().splitlines()
    assert outcome.out == f"{len(lines):,} statements of reasons in {file}\n"
    for line in lines:
        schema.parse(TransparencyStatement, line)
    found = {each["puid"]: each for each in map(json.loads, lines) if run_id in each["puid"]}
    assert set(found) == {f"t-{run_id}", f"t-old-{run_id}"}
    assert found[f"t-{run_id}"]["content_type"] == ["CONTENT_TYPE_VIDEO"]
    assert found[f"t-old-{run_id}"]["content_date"] == "2025-12-24"
    for bounds, inside in ((("--since", "2026-01-03"), False), (("--until", "2026-01-02"), True)):
        told = staydown("report", "statements", *bounds, *topics.here).out
        assert (f'"t-{run_id}"' in told) is inside


def test_a_record_that_the_client_cannot_read_is_stepped_over(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """Whoever writes one to a public topic does not take the report, or anything else, away from the others."""

    async def write() -> None:
        async with AIOKafkaProducer(bootstrap_servers=topics.bootstrap) as producer:
            await send_unreadable_header(producer, UPLOADS_SUBMITTED.name)

    asyncio.run(write())
    topics.tell((UPLOADS_SUBMITTED, run_id, UploadSubmitted(run_id, "bob", "file:///x", media_type="image/png")))
    topics.tell((TAKEDOWNS_ISSUED, run_id, _down(run_id)))
    told = staydown("report", "statements", *topics.here)
    (found,) = [line for line in told.out.splitlines() if run_id in line]
    assert (told.code, json.loads(found)["content_type"]) == (0, ["CONTENT_TYPE_IMAGE"])


def _work(run_id: str, fact: WorkSubmitted) -> tuple[Topic, str, object]:
    return WORKS_SUBMITTED, run_id, replace(fact, rightsholder_id=run_id)


def _answer(run_id: str, submission: str, status: Status, work: str) -> tuple[Topic, str, object]:
    return WORKS_RECEIPTS, run_id, receipt(status, submission, work, rightsholder_id=run_id)


def _held(upload: str) -> VerdictDecided:
    return verdict(upload, Verdict.HELD, reasons=(VerdictDecided.Reason.CONTRADICTION,))


def _down(upload: str, **more: object) -> TakedownIssued:
    whose = {"upload_id": upload, "rightsholder_id": upload, "uploader_id": upload, "territories": ("DE",)}
    return takedown(f"t-{upload}", TakedownIssued.Status.ISSUED, **(whose | more))


def _stands(
    of: str, kind: Standee.Kind, standing: StrikesChanged.Standing, strikes: int
) -> tuple[Topic, str, StrikesChanged]:
    fact = StrikesChanged(
        subject=Standee(kind, of), standing=standing, strikes=strikes, expires_at=TIME, changed_at=TIME
    )
    return STRIKES_CHANGED, of, fact
