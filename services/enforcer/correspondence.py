"""The letters of a dispute: each step told to the other side, with its deadline, and a refused one to who took it.

A letter's id is made of the dispute, the record that caused it (or, for silence, the stage and its end, and where a
dispute is over by itself, the takedowns that ended), and its recipient.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.contracts.decided import Recipient, Subject, WorkRef
from services.contracts.objections import CounterNotice, CourtAction, DisputeSubmitted, Uphold
from services.contracts.objections import Dispute as Opening
from services.contracts.processor import Emit, Event
from services.contracts.types import Timestamp
from services.enforcer.calendar import last_day, last_moment
from services.enforcer.case import Case, Dispute, Stage
from services.enforcer.explaining import NAMED_MAX
from services.enforcer.telling import Words, notice
from services.enforcer.verdicts import identify

Kind = Recipient.Kind
GROUNDS = {
    Opening.Ground.MISIDENTIFIED: "it is not the work",
    Opening.Ground.LICENSED: "it is licensed",
    Opening.Ground.PUBLIC_DOMAIN: "the work is in the public domain",
    Opening.Ground.OWN_WORK: "the work is the uploader's own",
    Opening.Ground.EXCEPTION: "the law allows this use",
}
LOST_BECAUSE = {
    None: "you released it",
    Stage.OPEN: "you did not answer the dispute in time",
    Stage.COUNTERED: "you did not show in time that you have gone to court",
}


def tell_opened(case: Case, dispute: Dispute, works: list[WorkRef], said: Opening, event: Event) -> tuple[Emit, ...]:
    """Ask each claimant to answer, and tell the uploader that they are asked."""
    until = dispute.contested[0].until
    day = last_day(until)
    asked = [
        _letter(
            event,
            dispute,
            _claimant(theirs),
            mine,
            Words(
                f"The takedown of upload {event.key} is disputed",
                f"The uploader disputes the takedown of upload {event.key} for {_named(mine)}, because "
                f"{GROUNDS[said.ground]}: “{said.statement}” Uphold or release your claim by {day}; if you do not "
                "answer, the upload comes back.",
            ),
            respond_until=last_moment(until),
        )
        for theirs, mine in _by_claimant(works)
    ]
    received = Words(
        f"Your dispute of upload {event.key} was received",
        f"Your dispute {dispute.dispute_id} of upload {event.key}, for {_named(works)}, was received. The claimant is "
        f"to answer by {day}; if they do not, the upload comes back.",
    )
    return (*asked, _letter(event, dispute, _uploader(case), works, received))


def tell_answer(
    case: Case, dispute: Dispute, works: list[WorkRef], said: Uphold | CourtAction, event: Event
) -> tuple[Emit, ...]:
    """Tell the uploader that a claimant stands by the claim, or has gone to court."""
    who = said.rightsholder_id
    if isinstance(said, Uphold):
        because = f": “{said.statement}”" if said.statement else "."
        text = (
            f"{who} upholds the takedown of upload {event.key} for {_named(works)}{because} You can answer by a "
            "counter-notice; then the claimant has to go to court, or the upload comes back."
        )
    else:
        text = (
            f"{who} has shown that a court is to decide about upload {event.key} ({said.evidence_uri}), so it stays "
            f"down for {_named(works)}."
        )
    words = Words(f"The claimant answered your dispute of upload {event.key}", text)
    return (_letter(event, dispute, _uploader(case), works, words),)


def tell_counter_notice(
    case: Case, dispute: Dispute, works: list[WorkRef], said: CounterNotice, event: Event
) -> tuple[Emit, ...]:
    """Send each claimant the counter-notice, as the law asks for, and tell the uploader when the upload comes back."""
    until = max(one.until for one in dispute.contested if one.stage is Stage.COUNTERED)
    day = last_day(until)
    sent = [
        _letter(
            event,
            dispute,
            _claimant(theirs),
            mine,
            Words(
                f"A counter-notice was given for upload {event.key}",
                f"{said.name} ({said.address}) has given a counter-notice to the takedown of upload {event.key} for "
                f"{_named(mine)}, signed by {said.signed_by}: “{said.statement}” The upload comes back after {day}, "
                "unless you show by then that you have gone to court.",
            ),
            respond_until=last_moment(until),
        )
        for theirs, mine in _by_claimant(works)
    ]
    received = Words(
        f"Your counter-notice for upload {event.key} was received",
        f"Your counter-notice for upload {event.key}, for {_named(works)}, was received and sent on. The upload comes "
        f"back after {day}, unless the claimant shows by then that they have gone to court.",
    )
    return (*sent, _letter(event, dispute, _uploader(case), works, received))


def tell_withdrawn(dispute: Dispute, works: list[WorkRef], event: Event) -> tuple[Emit, ...]:
    """Tell each claimant that nobody disputes their takedown any more."""
    said = []
    for theirs, mine in _by_claimant(works):
        words = Words(
            f"The dispute of upload {event.key} was withdrawn",
            f"The uploader has withdrawn the dispute of upload {event.key}, which stays down for {_named(mine)}; you "
            "need not answer.",
        )
        said.append(_letter(event, dispute, _claimant(theirs), mine, words))
    return tuple(said)


def tell_lost(
    dispute: Dispute, works: list[WorkRef], silent: tuple[Stage, int] | None, event: Event
) -> tuple[Emit, ...]:
    """Tell each claimant that their claim has ended, by silence in a stage until a time or by a release of theirs.

    The uploader hears it by the reinstatement.
    """
    stage = silent[0] if silent else None
    cause = f"{silent[0]} {silent[1]}" if silent else ""
    said = []
    for theirs, mine in _by_claimant(works):
        words = Words(
            f"Your claim on upload {event.key} has ended",
            f"Your claim on upload {event.key} for {_named(mine)} has ended, because {LOST_BECAUSE[stage]}; its "
            "content is not taken down for that again.",
        )
        said.append(_letter(event, dispute, _claimant(theirs), mine, words, cause=cause))
    return tuple(said)


def tell_over(
    case: Case, dispute: Dispute, takedowns: Mapping[str, WorkRef], why: str, event: Event
) -> tuple[Emit, ...]:
    """Tell both sides that a dispute about takedowns is over although nobody ended it, and why."""
    works = list(takedowns.values())
    cause = f"over {' '.join(takedowns)}"
    begin, over = f"upload {event.key} for", f"is over, because {why}."
    said = [
        _letter(
            event,
            dispute,
            _claimant(theirs),
            mine,
            Words(
                f"The dispute of upload {event.key} is over",
                f"The dispute {dispute.dispute_id} of {begin} {_named(mine)} {over} You need not answer.",
            ),
            cause=cause,
        )
        for theirs, mine in _by_claimant(works)
    ]
    words = Words(
        f"Your dispute of upload {event.key} is over",
        f"Your dispute {dispute.dispute_id} of {begin} {_named(works)} {over}",
    )
    return (*said, _letter(event, dispute, _uploader(case), works, words, cause=cause))


def tell_refused(case: Case, step: DisputeSubmitted, why: str, event: Event) -> Emit:
    """Tell who took a step that it changed nothing. Of an upload that is not there nobody knows whose it was."""
    claimant = step.uphold or step.release or step.court_action
    if claimant is not None:
        author = _claimant(claimant.rightsholder_id)
    else:
        author = Recipient(Kind.PLATFORM, step.dispute_id) if case.record is None else _uploader(case)
    words = Words(
        f"Your step in a dispute of upload {event.key} was not taken",
        f"Your step in the dispute {step.dispute_id} of upload {event.key} was not taken, because {why}. Nothing "
        "changed.",
    )
    about = Subject(event.key, takedown_id=step.takedown_id, dispute_id=step.dispute_id)
    return notice(event, identify("step refused", event.key, event.offset), author, about, words)


def _letter(
    event: Event,
    dispute: Dispute,
    recipient: Recipient,
    works: Sequence[WorkRef],
    words: Words,
    *,
    respond_until: Timestamp | None = None,
    cause: str = "",
) -> Emit:
    """Return a letter. `cause`: what it is about, where no record is."""
    about = Subject(event.key, dispute_id=dispute.dispute_id)
    if len(works) == 1:
        about = Subject(event.key, works[0].rightsholder_id, works[0].work_id, dispute_id=dispute.dispute_id)
    when = cause or event.offset
    letter_id = identify("dispute", event.key, dispute.opened, when, recipient.kind, recipient.id)
    return notice(event, letter_id, recipient, about, words, respond_until=respond_until)


def _claimant(rightsholder_id: str) -> Recipient:
    return Recipient(Kind.RIGHTSHOLDER, rightsholder_id)


def _uploader(case: Case) -> Recipient:
    assert case.record is not None, "only what is taken down is disputed"  # noqa: S101  # an invariant
    return Recipient(Kind.UPLOADER, case.record.uploader_id)


def _by_claimant(works: Iterable[WorkRef]) -> list[tuple[str, list[WorkRef]]]:
    found: dict[str, list[WorkRef]] = {}
    for work in works:
        found.setdefault(work.rightsholder_id, []).append(work)
    return sorted(found.items())


def _named(works: Sequence[WorkRef]) -> str:
    more = f" and {len(works) - NAMED_MAX} more" if len(works) > NAMED_MAX else ""
    return ", ".join(f"“{work.work_id}”" for work in works[:NAMED_MAX]) + more
