"""What a reviewer compares: an upload beside the works that it matches, a registration beside who registers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.archive.queries.reviews import HeldWork as HeldRegistration
from services.archive.queries.uploads import UploadRow
from services.console.views.evidence import Drawing, drawings
from services.contracts.decided import VerdictDecided, WorkReceipt, WorkRef
from services.contracts.submitted import Register, UploadSubmitted

Facts = tuple[tuple[str, str], ...]
HELD_FOR = {
    WorkReceipt.Reason.TOO_MANY_COPIES: "It finds {copies:,} copies, and its rightsholder is on probation.",
    WorkReceipt.Reason.TOO_MANY_PENDING: "Many registrations of its rightsholder, who is on probation, wait already.",
}


@dataclass(frozen=True, slots=True)
class FoundUpload:
    """A held upload as it was found: its row and verdict, its submission, the works that it matches, its place."""

    row: UploadRow
    verdict: VerdictDecided | None
    submission: UploadSubmitted | None
    works: Sequence[tuple[WorkRef, Register | None]]
    place: str


@dataclass(frozen=True, slots=True)
class FoundWork:
    """A held registration as it was found, who registers (name and standing), and its place."""

    held: HeldRegistration
    name: str
    standing: str
    place: str


@dataclass(frozen=True, slots=True)
class HeldUpload:
    """A held upload as it is shown."""

    upload_id: str
    decision_id: str
    title: str
    since: datetime
    reasons: tuple[str, ...]
    explanation: str
    upload: Facts
    works: tuple[tuple[str, Facts], ...]
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True)
class HeldWork:
    """A held registration as it is shown."""

    rightsholder_id: str
    work_id: str
    submission_id: str
    since: datetime
    reasons: tuple[str, ...]
    explanation: str
    registration: Facts
    rightsholder: Facts


def held_upload(found: FoundUpload) -> HeldUpload:
    """Return a held upload beside the works that it matches."""
    row, verdict = found.row, found.verdict
    return HeldUpload(
        row.upload_id,
        row.decision_id,
        row.title,
        row.decided_at,
        tuple(map(str, verdict.reasons)) if verdict else (),
        verdict.explanation if verdict else "",
        _of_upload(found.submission),
        tuple((f"{work.work_id} of {work.rightsholder_id}", _of_register(register)) for work, register in found.works),
        drawings(verdict) if verdict else (),
    )


def held_work(found: FoundWork) -> HeldWork:
    """Return a held registration beside who registers."""
    held = found.held
    reasons = held.receipt.reasons if held.receipt else ()
    copies = held.receipt.copies_found if held.receipt else 0
    why = [HELD_FOR[reason].format(copies=copies) for reason in reasons if reason in HELD_FOR]
    who = (("id", held.rightsholder_id), ("name", found.name), ("standing", found.standing))
    return HeldWork(
        held.rightsholder_id,
        held.work_id,
        held.submission_id,
        held.held_at,
        tuple(map(str, reasons)),
        " ".join(why) or "A person has to look at it.",
        _of_register(held.submitted.register if held.submitted else None),
        _known(who),
    )


def _of_upload(submission: UploadSubmitted | None) -> Facts:
    if submission is None:
        return (("file", "what it said is not known any more"),)
    told = (
        ("title", submission.title),
        ("artist", submission.artist),
        ("uploader", submission.uploader_id),
        ("community", submission.community_id),
        ("file", submission.uri),
        ("media type", submission.media_type),
        ("to be seen in", ", ".join(submission.territories) or "everywhere"),
    )
    return _known(told)


def _of_register(register: Register | None) -> Facts:
    if register is None:
        return (("registration", "what it said is not known any more"),)
    policy, attested = register.policy, register.attestation
    told = (
        ("title", register.title),
        ("artists", ", ".join(register.artists)),
        ("ISRC", register.isrc),
        ("references", ", ".join(each.uri or each.reference_id for each in register.references)),
        ("policy", str(policy.action) if policy else "BLOCK"),
        ("documents", ", ".join(f"{each.kind} {each.uri}".strip() for each in register.documents)),
        ("exclusive", "attested" if attested and attested.exclusive else "not attested"),
    )
    return _known(told)


def _known(told: Facts) -> Facts:
    return tuple((name, value) for name, value in told if value)
