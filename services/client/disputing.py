"""The disputes of an upload as they went: its steps, the notices about them, and what was taken down and came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.client.reading_back import all_said
from services.client.said import Said
from services.contracts.decided import NoticeIssued, TakedownIssued
from services.contracts.objections import CounterNotice, CourtAction, Dispute, DisputeSubmitted, GiveUp, Uphold
from services.contracts.topics import DISPUTES_SUBMITTED, NOTICES_ISSUED, TAKEDOWNS_ISSUED, Topic
from services.runtime.address import Address


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was said: who said it and to whom, in words."""

    at: datetime
    topic: Topic
    who: str
    what: str
    fact: Any


async def history_of(kafka: Address, upload_id: str) -> list[Told]:
    """Return everything that is kept about the disputes of an upload, in the order of time; notices are kept a week."""
    topics = (DISPUTES_SUBMITTED, TAKEDOWNS_ISSUED, NOTICES_ISSUED)
    found = [told(each) async for each in all_said(kafka, *topics) if _is_about(each, upload_id)]
    return sorted(found, key=lambda each: each.at)


def told(said: Said) -> Told:
    """Return a step, a takedown or a notice in words."""
    who, what = _WORDS[type(said.fact)](said.fact)
    return Told(said.at, said.topic, who, what, said.fact)


def is_refusal(notice: NoticeIssued) -> bool:
    """Tell whether a notice says that a step in a dispute changed nothing; only its subject tells it from others."""
    return notice.subject == f"Your step in a dispute of upload {notice.about.upload_id} was not taken"


def _is_about(said: Said, upload_id: str) -> bool:
    if isinstance(said.fact, NoticeIssued):
        return said.fact.about.upload_id == upload_id and bool(said.fact.about.dispute_id)
    return said.key == upload_id


def _step(fact: DisputeSubmitted) -> tuple[str, str]:
    about = f" of takedown {fact.takedown_id}" if fact.takedown_id else ""
    who, what = _said(next(step for step in fact.steps if step is not None))
    return who, f"{what} in dispute {fact.dispute_id}{about}"


def _said(step: object) -> tuple[str, str]:
    match step:
        case Dispute():
            return "uploader", f"disputes ({step.ground}: {step.statement})"
        case CounterNotice():
            consent = "consents" if step.consent_to_jurisdiction else "does not consent"
            return "uploader", f"answers by name and {consent} to jurisdiction, signed by {step.signed_by}"
        case Uphold():
            return step.rightsholder_id, "upholds the claim" + (f" ({step.statement})" if step.statement else "")
        case GiveUp():
            return step.rightsholder_id, "gives the claim up"
        case CourtAction():
            return step.rightsholder_id, f"has gone to court ({step.evidence_uri})"
        case _:
            return "uploader", "withdraws"


def _takedown(fact: TakedownIssued) -> tuple[str, str]:
    work = f"{fact.work_id} of {fact.rightsholder_id}"
    return "enforcer", f"{fact.status} {fact.takedown_id} for {work}: {fact.statement_of_reasons.facts}"


def _notice(fact: NoticeIssued) -> tuple[str, str]:
    until = "" if fact.respond_until is None else f" (answer until {fact.respond_until:%Y-%m-%d %H:%M:%S} UTC)"
    return f"to {fact.recipient.kind} {fact.recipient.id}", f"{fact.subject}{until}. {fact.text}"


_WORDS: dict[type, Callable[[Any], tuple[str, str]]] = {
    DisputeSubmitted: _step,
    TakedownIssued: _takedown,
    NoticeIssued: _notice,
}
