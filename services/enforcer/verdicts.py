"""Saying a verdict: once for each change of its meaning, with the next revision."""

import xxhash
from msgspec import Struct
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import Evidence, VerdictDecided, WorkRef
from services.contracts.processor import Emit, Event
from services.contracts.topics import VERDICTS_DECIDED
from services.contracts.types import timestamp
from services.enforcer.case import Case, Step

Verdict = VerdictDecided.Verdict
Reason = VerdictDecided.Reason
Scan = VerdictDecided.Scan

UNSCANNED_BECAUSE: dict[Reason, str] = {
    Reason.NOT_ALLOWED: "its address is not in a place that may be read",
    Reason.UNSUPPORTED_SCHEME: "its address is of a kind that cannot be read",
    Reason.NOT_FOUND: "there is no file at its address",
    Reason.NOT_A_FILE: "what is at its address is not a regular file",
    Reason.EMPTY: "its file is empty",
    Reason.CHANGED: "it was changed and has to be compared again",
    Reason.TOO_LARGE: "its file is larger than what is read",
    Reason.TIMED_OUT: "reading and comparing it takes longer than usual",
    Reason.UNREACHABLE: "its file could not be read",
}


class Saying(Struct, frozen=True):
    """What a verdict says besides who it is about."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    explanation: str
    complete: bool
    scans: tuple[Scan, ...] = ()
    works: tuple[WorkRef, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    territories: tuple[str, ...] = ()


def unscanned(case: Case, reason: Reason, *, complete: bool) -> Saying:
    """Return the verdict on an upload whose bytes are not known. `complete`: it will not be tried again."""
    again = "It will not be tried again by itself." if complete else "It is tried again."
    who = "This upload" if case.record is None or not case.record.title else f"“{case.record.title}”"
    return Saying(
        Verdict.UNSCANNED,
        (reason,),
        f"{who} is not shown yet, because {UNSCANNED_BECAUSE[reason]}. {again}",
        complete,
    )


def publish(case: Case, saying: Saying, event: Event) -> Step:
    """Say a verdict about the present submission, unless it is what was said last."""
    assert case.record is not None, "a verdict is about a submission that is alive"  # noqa: S101  # an invariant
    said = xxhash.xxh3_128_hexdigest(encode((saying, case.content, case.submission)))
    if said == case.said:
        return Step(case)
    since = (case.unscanned_since or event.now) if saying.verdict is Verdict.UNSCANNED else 0
    told = replace(case, verdict=saying.verdict, said=said, revision=case.revision + 1, unscanned_since=since)
    decided = VerdictDecided(
        upload_id=event.key,
        verdict=saying.verdict,
        decision_id=decision_id(told, event.key),
        revision=told.revision,
        submission=case.submission,
        content=case.content,
        complete=saying.complete,
        scans=saying.scans,
        reasons=saying.reasons,
        works=saying.works,
        work_ids=tuple(work.work_id for work in saying.works),
        blocked_territories=saying.territories,
        evidence=saying.evidence,
        explanation=saying.explanation,
        submitted_at=case.record.submitted_at,
        decided_at=timestamp(event.now),
    )
    return Step(told, (Emit(VERDICTS_DECIDED, event.key, decided, event.partition),))


def decision_id(case: Case, upload_id: str) -> str:
    """Return the id of the present decision on the present submission; of an earlier one there is none such."""
    return identify("decision", upload_id, case.submission, case.revision)


def identify(*parts: object) -> str:
    """Return the id of something: xxh3_128 of what it stands for, so that it is the same however often it is made."""
    return xxhash.xxh3_128_hexdigest(encode([str(part) for part in parts]))
