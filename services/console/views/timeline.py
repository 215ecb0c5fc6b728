"""An upload's life as moments in their order: what was said about it, in words, for who may read it. Pure.

A counter-notice names a person and where they live. The law has it sent to the claimant and to nobody else, so the page
says that there is one; its letter is shown to whom it is addressed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.console.people import May, Viewer
from services.console.views.words import ANSWERS, BASES, GROUNDS, REASONS, TAKEDOWNS
from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued, VerdictDecided
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    ReviewSubmitted,
    Uphold,
)
from services.contracts.submitted import UploadDeleted, UploadSubmitted


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact and when it was said."""

    at: datetime
    fact: Any


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: `colour` is what it means, `quote` what somebody wrote, `more` what else is known."""

    at: datetime
    title: str
    said: str = ""
    quote: str = ""
    colour: str = ""
    more: tuple[tuple[str, str], ...] = ()
    pill: str = ""


COLOURS = {"CLEAR": "clear", "BLOCKED": "blocked", "HELD": "held", "ISSUED": "blocked", "REINSTATED": "clear"}


def moments(recorded: Iterable[Recorded], viewer: Viewer) -> list[Moment]:
    """Return what happened, the latest first, as far as the viewer may read it."""
    told = [moment for each in recorded if (moment := _MADE_OF[type(each.fact)](each.at, each.fact, viewer))]
    return latest_first(told)


def latest_first(told: list[Moment]) -> list[Moment]:
    """Return moments with the latest first; of those of one time the one that came later."""
    return sorted(told, key=lambda each: each.at)[::-1]


def _submitted(at: datetime, upload: UploadSubmitted, viewer: Viewer) -> Moment:
    if not viewer.may(May.SEE_ALL):
        return Moment(at, "Submitted", colour="accent")
    more = (
        ("uploader", upload.uploader_id),
        ("community", upload.community_id),
        ("file", upload.uri),
        ("media type", upload.media_type),
        ("to be seen in", ", ".join(upload.territories)),
    )
    return Moment(at, "Submitted", more=_known(more), colour="accent")


def _deleted(at: datetime, _deleted: UploadDeleted, _viewer: Viewer) -> Moment:
    return Moment(at, "Deleted by its owner")


def _verdict(_at: datetime, verdict: VerdictDecided, viewer: Viewer) -> Moment:
    """Give reasons alone to a rightsholder, since the sentence may name other people's works."""
    why = verdict.explanation if viewer.may(May.SEE_ALL) else " ".join(REASONS[reason] for reason in verdict.reasons)
    where = ", ".join(verdict.blocked_territories)
    more = (("reasons", ", ".join(verdict.reasons)), ("not shown in", where), ("decision", verdict.decision_id))
    state = str(verdict.verdict)
    title = f"Verdict, revision {verdict.revision}"
    return Moment(verdict.decided_at, title, why, colour=COLOURS.get(state, ""), more=_known(more), pill=state)


def _takedown(_at: datetime, takedown: TakedownIssued, viewer: Viewer) -> Moment | None:
    if not viewer.may_see(takedown.rightsholder_id):
        return None
    reasons = takedown.statement_of_reasons
    is_down = takedown.status is TakedownIssued.Status.ISSUED
    more = (
        ("basis", BASES[takedown.basis] if is_down else ""),
        ("ground", reasons.ground),
        ("found by", "a machine" if reasons.automated_detection else "a person"),
        ("decided by", "a machine" if reasons.automated_decision else "a person"),
        ("to object", reasons.redress if is_down else ""),
        ("until", f"{reasons.redress_until:%-d %B %Y}" if is_down else ""),
        ("takedown", takedown.takedown_id),
    )
    title = f"{TAKEDOWNS[takedown.status]} for {takedown.work_id} of {takedown.rightsholder_id}"
    colour = COLOURS[str(takedown.status)]
    return Moment(takedown.decided_at, title, reasons.facts, colour=colour, more=_known(more))


def _notice(_at: datetime, notice: NoticeIssued, viewer: Viewer) -> Moment | None:
    """Show a letter to whom it is for; of one to a claimant others learn that it was sent."""
    to = notice.recipient
    is_claimants = to.kind is Recipient.Kind.RIGHTSHOLDER
    if not viewer.may(May.SEE_ALL) and not (is_claimants and viewer.may_see(to.id)):
        return None
    is_readable = viewer.may_answer(to.id) if is_claimants else True
    until = f"{notice.respond_until:%-d %B %Y, %H:%M}" if notice.respond_until else ""
    title = f"Told the {to.kind.lower()} {to.id}"
    more = _known((("answer until", until),))
    return Moment(notice.issued_at, title, notice.subject, notice.text if is_readable else "", more=more)


def _step(at: datetime, step: DisputeSubmitted, viewer: Viewer) -> Moment:
    title, said, quote = _step_words(next(each for each in step.steps if each is not None))
    if isinstance(step.counter_notice, CounterNotice) and not viewer.may(May.SPEAK_FOR):
        quote = ""
    more = _known((("dispute", step.dispute_id), ("takedown", step.takedown_id)))
    return Moment(at, title, said, quote, "held", more)


def _step_words(step: object) -> tuple[str, str, str]:
    match step:
        case Dispute():
            return "The uploader objects", GROUNDS[step.ground], step.statement
        case CounterNotice():
            return "The uploader answers by name", "A counter-notice; it is sent to the claimant whole.", step.statement
        case Uphold():
            return f"{step.rightsholder_id} upholds the claim", "", step.statement
        case GiveUp():
            return f"{step.rightsholder_id} gives the claim up", "", ""
        case CourtAction():
            return f"{step.rightsholder_id} has gone to court", "", step.evidence_uri
        case _:
            return "The uploader withdraws the dispute", "", ""


def _review(at: datetime, review: ReviewSubmitted, viewer: Viewer) -> Moment:
    if not viewer.may(May.SEE_ALL):
        return Moment(at, "A person decided", colour="accent")
    said = f"{review.decision}: {ANSWERS[review.decision]}."
    return Moment(at, f"Reviewed by {review.reviewer_id}", said, review.note, "accent")


def _known(more: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in more if value)


_MADE_OF: Mapping[type, Callable[[datetime, Any, Viewer], Moment | None]] = {
    UploadSubmitted: _submitted,
    UploadDeleted: _deleted,
    VerdictDecided: _verdict,
    TakedownIssued: _takedown,
    NoticeIssued: _notice,
    DisputeSubmitted: _step,
    ReviewSubmitted: _review,
}
