"""Entries of what concerns one upload: submissions, verdicts, takedowns. Pure."""

from typing import Any

import msgspec

from services.archive.measures import Measure
from services.archive.tables import RESTRICTIONS, SUBMISSIONS, TAKEDOWN_EVENTS, TAKEDOWNS, UPLOADS, VERDICTS
from services.archivist.entries import Count, Entry, Recorded, Row, WorkCount
from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.types import milliseconds

_NO_SUBMISSION: dict[str, Any] = {"submission": None, "submitted_ms": None, "deleted_ms": None}
_NO_VERDICT: dict[str, Any] = {
    "verdict_offset": None,
    "verdict": None,
    "decision_id": None,
    "revision": None,
    "decided_ms": None,
}
_NEVER = dict.fromkeys(("blocked_offset", "blocked_ms", "took_bound", "reversed_offset", "reversed_ms"))
_DELETION = UploadSubmitted(upload_id="", uploader_id="", uri="")


def of_submission(record: Recorded, fact: UploadSubmitted) -> Entry:
    """Return the entry of an upload's submission."""
    now = {"submission": record.offset, "submitted_ms": record.at_ms, "deleted_ms": None}
    counts = (Count(Measure.SUBMITTED, "submission", record.at_ms),)
    return Entry(_submission(record, fact, deletion=False), (_upload(record.key, now),), counts)


def of_deletion(record: Recorded, _fact: UploadDeleted) -> Entry:
    """Return the entry of an upload's deletion by its owner."""
    now = {"submission": record.offset, "submitted_ms": None, "deleted_ms": record.at_ms}
    counts = (Count(Measure.SUBMITTED, "deletion", record.at_ms),)
    return Entry(_submission(record, _DELETION, deletion=True), (_upload(record.key, now),), counts)


def of_verdict(record: Recorded, fact: VerdictDecided) -> Entry:
    """Return the entry of a verdict."""
    decided_ms = milliseconds(fact.decided_at)
    own = {
        "decision_id": fact.decision_id,
        "revision": fact.revision,
        "verdict": fact.verdict.value,
        "decided_ms": decided_ms,
    }
    history = {
        "upload_id": fact.upload_id,
        "record_offset": record.offset,
        "submission": fact.submission,
        "explanation": fact.explanation,
        "record": encode(msgspec.structs.replace(fact, explanation="")).decode(),
        **own,
    }
    counts = [Count(Measure.DECIDED, fact.verdict.value, decided_ms)]
    counts += [Count(Measure.REASON, reason.value, decided_ms) for reason in fact.reasons]
    present = (_upload(record.key, {"verdict_offset": record.offset, **own}), *_restriction(record.offset, fact))
    return Entry(Row(VERDICTS, history), present, tuple(counts))


def _restriction(offset: int, fact: VerdictDecided) -> tuple[Row, ...]:
    """Return what a verdict says of how its submission was restricted, if anything."""
    since = {"offset": offset, "ms": milliseconds(fact.decided_at)}
    row: dict[str, Any] = {"upload_id": fact.upload_id, "submission": fact.submission, **_NEVER}
    if fact.verdict is VerdictDecided.Verdict.BLOCKED:
        row |= {f"blocked_{name}": value for name, value in since.items()}
    elif VerdictDecided.Reason.DISPUTE_WON in fact.reasons:
        row |= {f"reversed_{name}": value for name, value in since.items()}
    else:
        return ()
    return (Row(RESTRICTIONS, row),)


def of_verdict_taken_back(record: Recorded, _fact: None) -> Entry:
    """Return the entry of a verdict's end, after its upload was deleted."""
    return Entry(None, (_upload(record.key, {**_NO_VERDICT, "verdict_offset": record.offset}),))


def of_takedown(record: Recorded, fact: TakedownIssued) -> Entry:
    """Return the entry of a takedown or of its end."""
    decided_ms = milliseconds(fact.decided_at)
    event = {
        "takedown_id": fact.takedown_id,
        "record_offset": record.offset,
        "upload_id": fact.upload_id,
        "status": fact.status.value,
        "uploader_id": fact.uploader_id,
        "community_id": fact.community_id,
        "decided_ms": decided_ms,
        "record": encode(msgspec.structs.replace(fact, uploader_id="", community_id="")).decode(),
    }
    takedown = {
        "takedown_id": fact.takedown_id,
        "record_offset": record.offset,
        "upload_id": fact.upload_id,
        "rightsholder_id": fact.rightsholder_id,
        "work_id": fact.work_id,
        "basis": fact.basis.value,
        "status": fact.status.value,
        "decided_ms": decided_ms,
    }
    counted = WorkCount(fact.rightsholder_id, fact.work_id, f"{fact.status.value} {fact.basis.value}", decided_ms)
    return Entry(Row(TAKEDOWN_EVENTS, event), (Row(TAKEDOWNS, takedown),), _takedown_counts(fact), (counted,))


def _takedown_counts(fact: TakedownIssued) -> tuple[Count, ...]:
    decided_ms = milliseconds(fact.decided_at)
    if fact.status is TakedownIssued.Status.REINSTATED:
        return (Count(Measure.REINSTATED, fact.basis.value, decided_ms),)
    by = "MACHINE" if fact.statement_of_reasons.automated_decision else "PERSON"
    return Count(Measure.ISSUED, fact.basis.value, decided_ms), Count(Measure.ISSUED_BY, by, decided_ms)


def _submission(record: Recorded, fact: UploadSubmitted, *, deletion: bool) -> Row:
    return Row(
        SUBMISSIONS,
        {
            "upload_id": record.key,
            "submission": record.offset,
            "at_ms": record.at_ms,
            "deletion": deletion,
            "uploader_id": fact.uploader_id,
            "community_id": fact.community_id,
            "uri": fact.uri,
            "media_type": fact.media_type,
            "size_bytes": fact.size_bytes,
            "title": fact.title,
            "artist": fact.artist,
            "territories": " ".join(fact.territories),
            "erased": False,
        },
    )


def _upload(upload_id: str, values: dict[str, Any]) -> Row:
    return Row(UPLOADS, {"upload_id": upload_id, **_NO_SUBMISSION, **_NO_VERDICT, **values})
