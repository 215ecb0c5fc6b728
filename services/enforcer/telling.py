"""Notices to rightsholders: that somebody shows what they only want to be told of, and that another disagrees."""

from typing import NamedTuple

from msgspec.structs import replace

from services.contracts.decided import NoticeIssued, Recipient, Subject, WorkRef
from services.contracts.processor import Emit, Event
from services.contracts.topics import NOTICES_ISSUED
from services.contracts.types import Timestamp, timestamp
from services.enforcer.case import TOLD_MAX, Case
from services.enforcer.explaining import NAMED_MAX
from services.enforcer.judging import Judgement
from services.enforcer.verdicts import identify

Kind = Recipient.Kind


def tell_rightsholders(case: Case, judgement: Judgement, event: Event) -> tuple[Case, tuple[Emit, ...]]:
    """Tell each what they have not been told of this upload; return the case that remembers it."""
    due = {**_reports(case, judgement, event), **_contradictions(case, judgement, event)}
    new = {cause: emit for cause, emit in due.items() if cause not in case.told}
    if not new:
        return case, ()
    return replace(case, told=(*case.told, *new)[-TOLD_MAX:]), tuple(new.values())


class Words(NamedTuple):
    """What a message says: its subject, and a sentence or a few."""

    subject: str
    text: str


def notice(
    event: Event,
    notice_id: str,
    recipient: Recipient,
    about: Subject,
    words: Words,
    *,
    respond_until: Timestamp | None = None,
) -> Emit:
    """Return a message to a person."""
    said = NoticeIssued(
        notice_id=notice_id,
        recipient=recipient,
        about=about,
        subject=words.subject,
        text=words.text,
        respond_until=respond_until,
        issued_at=timestamp(event.now),
    )
    return Emit(NOTICES_ISSUED, recipient.id, said)


def _reports(case: Case, judgement: Judgement, event: Event) -> dict[str, Emit]:
    found = {}
    for work in judgement.tracked:
        cause = identify("tracked", event.key, work.rightsholder_id, work.work_id)
        subject = f"Upload {event.key} shows {work.work_id}"
        text = (
            f"{subject}. You asked to be told of copies of this work and not to have them blocked, so it can be seen."
        )
        found[cause] = _to(event, _id(case, cause), work.rightsholder_id, work, Words(subject, text))
    return found


def _contradictions(case: Case, judgement: Judgement, event: Event) -> dict[str, Emit]:
    """Tell who blocks, once for a work, and who allows, once for an upload's bytes."""
    digest = case.content.blake3 if case.content else ""
    subject = f"Upload {event.key} waits for a person's decision"
    found = {}
    for work, allowing in judgement.contradicted:
        cause = identify("contradiction", event.key, digest, "blocks", work.rightsholder_id, work.work_id)
        text = (
            f"{subject}, because it matches your work {work.work_id}, which you do not allow there, and "
            f"{_some(allowing)} allows it by rights of their own."
        )
        found[cause] = _to(event, _id(case, cause), work.rightsholder_id, work, Words(subject, text))
        for theirs in allowing:
            cause = identify("contradiction", event.key, digest, "allows", theirs)
            text = (
                f"{subject}, because you allow it, and {work.rightsholder_id} does not: it matches their work "
                f"{work.work_id} too."
            )
            found.setdefault(cause, _to(event, _id(case, cause), theirs, work, Words(subject, text)))
    return found


def _some(rightsholders: tuple[str, ...]) -> str:
    more = f" or one of {len(rightsholders) - NAMED_MAX} more" if len(rightsholders) > NAMED_MAX else ""
    return f"{' or '.join(rightsholders[:NAMED_MAX])}{more}"


def _id(case: Case, cause: str) -> str:
    """Name a notice by its submission too: a day after a deletion it is forgotten what was told."""
    return identify("told", cause, case.submission)


def _to(event: Event, notice_id: str, rightsholder_id: str, work: WorkRef, words: Words) -> Emit:
    about = Subject(event.key, work.rightsholder_id, work.work_id)
    return notice(event, notice_id, Recipient(Kind.RIGHTSHOLDER, rightsholder_id), about, words)
