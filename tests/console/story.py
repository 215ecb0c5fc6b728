"""What was said about some uploads and works: enough that every page has something to show."""

from msgspec.structs import replace

from services.contracts.decided import Evidence, Recipient, TakedownIssued, VerdictDecided, WorkReceipt, WorkRef
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import UPLOADS_SUBMITTED
from services.contracts.types import Content
from tests.archive.facts import (
    BEGIN_MS,
    Said,
    dispute,
    enrolment,
    notice,
    receipt,
    registration,
    standing,
    submission,
    takedown,
    verdict,
)

Verdict, Reason = VerdictDecided.Verdict, VerdictDecided.Reason
SONG, FILM = WorkRef("label", "song"), WorkRef("studio", "film")
DAY_MS = 86_400_000
HOSTILE = "<script>alert('x')</script>\u202e\x00\" onmouseover=\"alert(1)"
CONTENT = Content("0" * 32, "0" * 64, 4_096)
EVIDENCE = Evidence(
    "label",
    "song",
    "master",
    VerdictDecided.Scan.BYTES,
    0.5,
    upload_start_bytes=1_024,
    upload_end_bytes=2_048,
    reference_end_bytes=1_024,
)


def blocked(upload: str, work: WorkRef, *, similar: bool = False) -> tuple[Said, Said]:
    """Return the verdict and the takedown of a copy."""
    topic, key, fact = verdict(
        upload, Verdict.BLOCKED, (work,), at_ms=BEGIN_MS + 2_000, revision=2, reasons=(Reason.IDENTICAL,)
    )
    if similar:
        fact = replace(fact, reasons=(Reason.SIMILAR,), content=CONTENT, evidence=(EVIDENCE,))
    return (topic, key, fact), takedown(upload, work.work_id, rightsholder=work.rightsholder_id, at_ms=BEGIN_MS + 2_000)


def hostile() -> Said:
    """Return a submission whose every field would like to be markup."""
    fact = UploadSubmitted(HOSTILE, HOSTILE, f"file:/{HOSTILE}", HOSTILE, HOSTILE, title=HOSTILE, artist=HOSTILE)
    return UPLOADS_SUBMITTED, HOSTILE, fact


STORY: tuple[Said, ...] = (
    enrolment(),
    registration("song", title="A Song"),
    receipt("song", at_ms=BEGIN_MS + 1_000),
    registration("slow", "s-3", title="Another"),
    receipt(
        "slow",
        WorkReceipt.Status.HELD,
        submission_id="s-3",
        at_ms=BEGIN_MS,
        reasons=(WorkReceipt.Reason.TOO_MANY_COPIES,),
    ),
    registration("film", "s-1", "studio", "A Film"),
    receipt("film", rightsholder="studio"),
    submission("u-clear"),
    verdict("u-clear"),
    submission("u-song", title="My Remix"),
    verdict("u-song"),
    *blocked("u-song", SONG, similar=True),
    dispute("u-song"),
    notice(
        "n-1",
        "label",
        "u-song",
        kind=Recipient.Kind.RIGHTSHOLDER,
        dispute_id="o-1",
        respond_until_ms=BEGIN_MS + 30 * DAY_MS,
        rightsholder="label",
    ),
    notice("n-2", "ann", "u-song"),
    submission("u-film", "bob"),
    *blocked("u-film", FILM),
    submission("u-held", title="Waits"),
    verdict("u-held", Verdict.HELD, (SONG,), reasons=(Reason.IDENTICAL, Reason.REVIEW_POLICY)),
    takedown("u-back", issued=True, basis=TakedownIssued.Basis.STAYDOWN),
    takedown("u-back", issued=False, basis=TakedownIssued.Basis.STAYDOWN),
    standing("ann"),
    standing("label", Standee.Kind.RIGHTSHOLDER, StrikesChanged.Standing.PROBATION),
    registration(HOSTILE, "s-4", title=HOSTILE),
    receipt(HOSTILE, submission_id="s-4"),
    hostile(),
    *blocked(HOSTILE, WorkRef("label", HOSTILE)),
)
